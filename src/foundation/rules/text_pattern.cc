#include "foundation/rules/text_pattern.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "foundation/schema/ecma_pattern.h"

namespace pawl::rules {
namespace {

constexpr std::string_view kAny = ".*";

// X of ".*X.*" where nothing in X can reach out of it: no alternative, group or flag, no quotation,
// nothing that repeats the first ".*" and nothing that escapes the dot of the last.
std::optional<std::string> inner(std::string_view expression) {
  if (expression.size() <= 2 * kAny.size() || !expression.starts_with(kAny) ||
      !expression.ends_with(kAny)) {
    return std::nullopt;
  }
  const std::string_view x = expression.substr(kAny.size(), expression.size() - 2 * kAny.size());
  const bool reaches_out = x.find_first_of("|()") != std::string_view::npos ||
                           x.find("\\Q") != std::string_view::npos || x.ends_with('\\') ||
                           std::string_view("?*+{").find(x.front()) != std::string_view::npos;
  return reaches_out ? std::nullopt : std::optional(std::string(x));
}

// "." stands for every character of it: no line feed, and nothing that may be broken UTF-8.
bool is_plain(std::string_view text) {
  std::size_t i = 0;
  std::uint64_t high = 0;
  for (; i + sizeof(high) <= text.size(); i += sizeof(high)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, sizeof(eight));
    high |= eight;
  }
  for (; i < text.size(); ++i) {
    high |= static_cast<unsigned char>(text[i]);
  }
  return (high & 0x8080808080808080) == 0 && text.find('\n') == std::string_view::npos;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Result<std::unique_ptr<const TextPattern>> TextPattern::make(const std::string& expression) {
  Result<std::unique_ptr<RE2>> whole = schema::compile_re2(expression);
  if (!whole) {
    return fail(whole.error());
  }
  auto out = std::make_unique<TextPattern>();
  out->whole_ = std::move(*whole);
  if (const std::optional<std::string> x = inner(expression)) {
    Result<std::unique_ptr<RE2>> anywhere = schema::compile_re2(*x);
    out->anywhere_ = anywhere ? std::move(*anywhere) : nullptr;
  }
  return out;
}

bool TextPattern::matches(std::string_view text) const {
  return anywhere_ != nullptr && is_plain(text) ? RE2::PartialMatch(piece(text), *anywhere_)
                                                : RE2::FullMatch(piece(text), *whole_);
}

}  // namespace pawl::rules
