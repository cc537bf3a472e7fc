#include "foundation/schema/ecma_pattern.h"

#include <cctype>

namespace pawl::schema {
namespace {

constexpr std::size_t kMaxPatternBytes = 2048;
constexpr std::int64_t kMaxProgramBytes = 1 << 20;
// ECMA-262 WhiteSpace and LineTerminator; RE2's \s knows ASCII only.
constexpr std::string_view kSpace =
    "\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}"
    "\\x{3000}\\x{feff}";

bool is_hex(std::string_view text, std::size_t at, std::size_t count) {
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || !std::isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    while (at_ < text_.size()) {
      const Status step = in_class_ ? inside_class() : outside_class();
      if (!step) {
        return fail(step.error());
      }
    }
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> refuse(std::string_view what) const {
    return fail(Code::kUnsupported, "pattern: " + std::string(what) + " at byte " +
                                        std::to_string(at_) + " has no equal in RE2");
  }

  Status outside_class() {
    const char c = text_[at_];
    if (c == '\\') {
      return escape();
    }
    if (c == '.') {
      out_ += "[^\\n\\r\\x{2028}\\x{2029}]";
      ++at_;
      return {};
    }
    if (c == '(' && text_.substr(at_ + 1).starts_with('?') && text_.substr(at_, 3) != "(?:") {
      return refuse("look-around, a named group or a flag");
    }
    if (c == '[') {
      in_class_ = true;
      out_ += c;
      ++at_;
      if (at_ < text_.size() && text_[at_] == '^') {
        out_ += '^';
        ++at_;
      }
      if (at_ < text_.size() && text_[at_] == ']') {
        return refuse("an empty character class");
      }
      return {};
    }
    out_ += c;
    ++at_;
    return {};
  }

  Status inside_class() {
    const char c = text_[at_];
    if (c == '\\') {
      return escape();
    }
    if (c == '[') {
      out_ += "\\[";
      ++at_;
      return {};
    }
    in_class_ = c != ']';
    out_ += c;
    ++at_;
    return {};
  }

  Status escape() {
    if (at_ + 1 >= text_.size()) {
      return refuse("a lone backslash");
    }
    const char c = text_[at_ + 1];
    const auto keep = [&](std::string_view replacement, std::size_t consumed) -> Status {
      out_ += replacement;
      at_ += consumed;
      return {};
    };
    if (std::string_view("dDwWtnvfr").find(c) != std::string_view::npos) {
      return keep(text_.substr(at_, 2), 2);
    }
    if (!std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80) {
      return keep(text_.substr(at_, 2), 2);
    }
    switch (c) {
      case 's':
        return keep(in_class_ ? std::string(kSpace) : "[" + std::string(kSpace) + "]", 2);
      case 'S':
        return in_class_ ? Status(refuse("\\S in a class"))
                         : keep("[^" + std::string(kSpace) + "]", 2);
      case 'b':
        return in_class_ ? keep("\\x08", 2) : keep("\\b", 2);
      case 'B':
        return in_class_ ? Status(refuse("\\B in a class")) : keep("\\B", 2);
      case '0':
        return at_ + 2 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 2]))
                   ? Status(refuse("an octal escape"))
                   : keep("\\x00", 2);
      case 'x':
        return is_hex(text_, at_ + 2, 2) ? keep(text_.substr(at_, 4), 4)
                                         : Status(refuse("this \\x escape"));
      case 'u':
        return unicode_escape();
      case 'c':
        return control_escape();
      case 'p':
      case 'P':
        return property_escape();
      default:
        return refuse(std::string("\\") + c);
    }
  }

  Status unicode_escape() {
    if (!is_hex(text_, at_ + 2, 4)) {
      return refuse("this \\u escape");
    }
    const std::string digits(text_.substr(at_ + 2, 4));
    if (std::stoul(digits, nullptr, 16) - 0xd800 < 0x800) {
      return refuse("a surrogate");
    }
    out_ += "\\x{" + digits + "}";
    at_ += 6;
    return {};
  }

  Status control_escape() {
    if (at_ + 2 >= text_.size() || !std::isalpha(static_cast<unsigned char>(text_[at_ + 2]))) {
      return refuse("this \\c escape");
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    const unsigned code = static_cast<unsigned char>(text_[at_ + 2]) % 32;
    out_ += "\\x";
    out_ += kDigits[code / 16];
    out_ += kDigits[code % 16];
    at_ += 3;
    return {};
  }

  Status property_escape() {
    const std::size_t end = text_.find('}', at_);
    if (text_.substr(at_ + 2, 1) != "{" || end == std::string_view::npos || end - at_ > 40) {
      return refuse("a property class without braces");
    }
    out_ += text_.substr(at_, end - at_ + 1);
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

Status check_length(std::string_view pattern) {
  return pattern.size() <= kMaxPatternBytes
             ? Status()
             : fail(Code::kUnsupported, "pattern: longer than 2048 bytes");
}

Result<std::unique_ptr<RE2>> build(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  auto compiled = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    return fail(Code::kUnsupported, "pattern: RE2 refuses it: " + compiled->error());
  }
  return compiled;
}

}  // namespace

Result<std::unique_ptr<RE2>> compile_re2(std::string_view pattern) {
  return check_length(pattern).and_then([&] { return build(pattern); });
}

Result<std::unique_ptr<RE2>> compile_ecma(std::string_view pattern) {
  return check_length(pattern)
      .and_then([&] { return Translator(pattern).run(); })
      .and_then([](const std::string& translated) { return build(translated); });
}

}  // namespace pawl::schema
