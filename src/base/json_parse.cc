// Two passes by handlers of one parser. The Builder makes the value and notices, without cost to
// the usual text, that a key was doubled or a number is lossy; only then the Inspector reads the
// text again, keeping keys and paths, to say which.
#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>
#include <exception>
#include <set>

#include "base/json.h"
#include "base/json_changes.h"
#include "base/json_number.h"

namespace pawl::json {
namespace {

namespace bj = boost::json;
using ErrorCode = bj::error_code;
using Text = bj::string_view;

constexpr std::size_t kMaxLossyReported = 8;
constexpr std::int64_t kExactIntegers = std::int64_t{1} << 53;
constexpr std::size_t kMaxKeyInMessage = 64;
constexpr std::size_t kMinPool = 1024, kMaxPool = 64 * 1024;  // bytes, the first block

// What the parser asks of a handler and neither of ours uses.
struct HandlerBase {
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_string_size = -1;
  static constexpr std::size_t max_key_size = -1;
  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_number_part(Text, ErrorCode&) { return true; }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }
};

bool is_lossy_integer(std::string_view text, double value) {
  return (value >= kExactIntegers || value <= -kExactIntegers) && changes_as_double(text, value);
}

class Builder : public HandlerBase {
 public:
  Builder(bj::value_stack& stack, const Limits& limits) : stack_(stack), limits_(limits) {}

  std::size_t members() const { return members_; }
  bool lossy() const { return lossy_; }

  bool on_array_begin(ErrorCode& ec) { return count_value(ec); }
  bool on_array_end(std::size_t n, ErrorCode&) {
    stack_.push_array(n);
    return true;
  }
  bool on_object_begin(ErrorCode& ec) { return count_value(ec); }
  bool on_object_end(std::size_t n, ErrorCode& ec) {
    if (n > limits_.max_object_members) {
      ec = bj::error::object_too_large;
      return false;
    }
    members_ += n;
    stack_.push_object(n);
    return true;
  }
  bool on_key_part(Text part, std::size_t, ErrorCode&) { return on_string_piece(part); }
  bool on_key(Text part, std::size_t, ErrorCode&) {
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(Text part, std::size_t, ErrorCode&) { return on_string_piece(part); }
  bool on_string(Text part, std::size_t, ErrorCode& ec) {
    stack_.push_string(part);
    return count_value(ec);
  }
  bool on_int64(std::int64_t number, Text text, ErrorCode& ec) {
    lossy_ = lossy_ || is_lossy_integer(text, static_cast<double>(number));
    stack_.push_int64(number);
    return count_value(ec);
  }
  bool on_uint64(std::uint64_t number, Text text, ErrorCode& ec) {
    lossy_ = lossy_ || is_lossy_integer(text, static_cast<double>(number));
    stack_.push_uint64(number);
    return count_value(ec);
  }
  bool on_double(double, Text text, ErrorCode& ec) {
    const double number = read_double(text);
    lossy_ = lossy_ || changes_as_double(text, number);
    stack_.push_double(number);
    return count_value(ec);
  }
  bool on_bool(bool flag, ErrorCode& ec) {
    stack_.push_bool(flag);
    return count_value(ec);
  }
  bool on_null(ErrorCode& ec) {
    stack_.push_null();
    return count_value(ec);
  }

 private:
  bool on_string_piece(Text part) {
    stack_.push_chars(part);
    return true;
  }
  // Every value but the outermost is a member or an element.
  bool count_value(ErrorCode& ec) {
    if (values_++ > limits_.max_members) {
      ec = bj::error::array_too_large;
      return false;
    }
    return true;
  }

  bj::value_stack& stack_;
  const Limits& limits_;
  std::size_t values_ = 0;
  std::size_t members_ = 0;
  bool lossy_ = false;
};

class Inspector : public HandlerBase {
 public:
  explicit Inspector(bool find_duplicate) : find_duplicate_(find_duplicate) {}

  const std::string& key() const { return key_; }  // the doubled one, after the parser stopped
  std::vector<std::string> take_lossy() { return std::move(lossy_); }

  bool on_array_begin(ErrorCode&) { return enter(true); }
  bool on_array_end(std::size_t, ErrorCode&) { return leave(); }
  bool on_object_begin(ErrorCode&) { return enter(false); }
  bool on_object_end(std::size_t, ErrorCode&) { return leave(); }
  bool on_key_part(Text part, std::size_t, ErrorCode&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text part, std::size_t, ErrorCode& ec) {
    key_.append(part.data(), part.size());
    if (find_duplicate_ && !frames_.back().keys.insert(key_).second) {
      ec = bj::error::extra_data;
      return false;
    }
    frames_.back().step = std::exchange(key_, {});
    return true;
  }
  bool on_string_part(Text, std::size_t, ErrorCode&) { return true; }
  bool on_string(Text, std::size_t, ErrorCode&) { return next_value(); }
  bool on_int64(std::int64_t number, Text text, ErrorCode&) {
    return on_number(is_lossy_integer(text, static_cast<double>(number)));
  }
  bool on_uint64(std::uint64_t number, Text text, ErrorCode&) {
    return on_number(is_lossy_integer(text, static_cast<double>(number)));
  }
  bool on_double(double, Text text, ErrorCode&) {
    return on_number(changes_as_double(text, read_double(text)));
  }
  bool on_bool(bool, ErrorCode&) { return next_value(); }
  bool on_null(ErrorCode&) { return next_value(); }

 private:
  struct Frame {
    bool array = false;
    std::size_t elements = 0;
    std::string step;
    std::set<std::string> keys;
  };

  bool next_value() {
    if (!frames_.empty() && frames_.back().array) {
      ++frames_.back().elements;
    }
    return true;
  }
  bool enter(bool array) {
    next_value();
    frames_.emplace_back().array = array;
    return true;
  }
  bool leave() {
    frames_.pop_back();
    return true;
  }
  bool on_number(bool lossy) {
    next_value();
    if (lossy && lossy_.size() < kMaxLossyReported) {
      lossy_.push_back(pointer());
    }
    return true;
  }
  std::string pointer() const {
    std::string out;
    for (const Frame& frame : frames_) {
      out += frame.array ? "/" + std::to_string(frame.elements - 1) : pointer_step(frame.step);
    }
    return out;
  }

  bool find_duplicate_;
  std::vector<Frame> frames_;
  std::string key_;
  std::vector<std::string> lossy_;
};

std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // 0 when there is no line end
  return "json: line " + std::to_string(line) + ", column " +
         std::to_string(before.size() - start + 1) + ": ";
}

std::string unexpected(std::string_view text, std::size_t offset) {
  const auto byte = static_cast<unsigned char>(text[offset]);
  if (byte > 0x20 && byte < 0x7f) {
    return std::string("unexpected '") + text[offset] + "'";
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex = {kHex[byte >> 4], kHex[byte & 15]};
  return "unexpected byte 0x" + hex + (byte >= 0x80 ? " (not valid UTF-8 here)" : "");
}

tl::unexpected<Error> explain(std::string_view text, std::size_t offset, const ErrorCode& ec,
                              const Limits& limits) {
  const std::string at = position(text, offset);
  switch (static_cast<bj::error>(ec.value())) {
    case bj::error::too_deep:
      return fail(Code::kTooLarge,
                  at + "nested deeper than " + std::to_string(limits.max_depth) + " levels");
    case bj::error::array_too_large:
      return fail(Code::kTooLarge,
                  at + "more than " + std::to_string(limits.max_members) + " members and elements");
    case bj::error::object_too_large:
      return fail(Code::kTooLarge, at + "more than " + std::to_string(limits.max_object_members) +
                                       " members in one object");
    case bj::error::incomplete:
      return fail(Code::kMalformed, at + "the text ends before the value does");
    case bj::error::syntax:
      if (offset < text.size()) {
        return fail(Code::kMalformed, at + unexpected(text, offset));
      }
      return fail(Code::kMalformed, at + "the text ends before the value does");
    default:
      return fail(Code::kMalformed, at + ec.message());
  }
}

// Members of all objects as they are kept; a doubled key was kept once.
std::size_t kept_members(const Value& value) {
  std::size_t count = 0;
  if (const Object* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) {
      count += member.value().is_structured() ? kept_members(member.value()) : 0;
    }
  } else if (const Array* array = value.if_array()) {
    for (const Value& element : *array) {
      count += element.is_structured() ? kept_members(element) : 0;
    }
  }
  return count;
}

bj::parse_options options_of(const Limits& limits) {
  bj::parse_options options;
  options.max_depth = limits.max_depth;
  return options;
}

// The second pass, over text that the first one accepted.
Result<std::vector<std::string>> inspect(std::string_view text, const Limits& limits,
                                         bool find_duplicate) {
  bj::basic_parser<Inspector> parser(options_of(limits), find_duplicate);
  ErrorCode ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec) {
    const std::string_view key = parser.handler().key();
    return fail(Code::kMalformed, position(text, used) + "the key " +
                                      quote(key.substr(0, kMaxKeyInMessage)) +
                                      " stands twice in one object");
  }
  return parser.handler().take_lossy();
}

// One block for the whole tree, freed as a whole: a value is read once and not changed.
std::size_t first_block(std::string_view text) {
  return std::clamp(text.size() * 2, kMinPool, kMaxPool);
}

// A value with the block it lives in.
struct Tree {
  explicit Tree(std::size_t first) : pool(first), value(bj::storage_ptr(&pool)) {}
  bj::monotonic_resource pool;
  Value value;
};

Result<Parsed> parse_text(std::string_view text, const Limits& limits, bj::storage_ptr storage) {
  // Written before it is read, and 4 KiB need not be cleared for each text.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  std::array<unsigned char, 4096> scratch;
  bj::value_stack stack(bj::storage_ptr(), scratch.data(), scratch.size());
  stack.reset(std::move(storage));
  bj::basic_parser<Builder> parser(options_of(limits), stack, limits);
  ErrorCode ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec) {
    return explain(text, used, ec, limits);
  }
  if (used < text.size()) {
    return fail(Code::kMalformed, position(text, used) + "bytes after the end of the value");
  }
  Parsed parsed{stack.release(), {}};
  const bool doubled = kept_members(parsed.value) != parser.handler().members();
  if (doubled || parser.handler().lossy()) {
    Result<std::vector<std::string>> lossy = inspect(text, limits, doubled);
    if (!lossy) {
      return fail(lossy.error());
    }
    if (doubled) {
      return fail(Code::kInternal, "json: a doubled key that the second reading did not find");
    }
    parsed.lossy_numbers = std::move(*lossy);
  }
  return parsed;
}

Result<Parsed> checked_parse(std::string_view text, const Limits& limits, bj::storage_ptr storage) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::kTooLarge, "json: " + std::to_string(text.size()) + " bytes, at most " +
                                     std::to_string(limits.max_bytes) + " are read");
  }
  try {
    return parse_text(text, limits, std::move(storage));
  } catch (const std::exception& e) {
    return fail(Code::kInternal, std::string("json: the parser failed: ") + e.what());
  }
}

}  // namespace

Result<Parsed> parse(std::string_view text, const Limits& limits) {
  return checked_parse(text, limits,
                       bj::make_shared_resource<bj::monotonic_resource>(first_block(text)));
}

Result<SharedParsed> parse_shared(std::string_view text, const Limits& limits) {
  const auto tree = std::make_shared<Tree>(first_block(text));
  Result<Parsed> parsed = checked_parse(text, limits, &tree->pool);
  if (!parsed) {
    return fail(parsed.error());
  }
  tree->value = std::move(parsed->value);  // of the same block: moved, not copied
  return SharedParsed{{tree, &tree->value}, std::move(parsed->lossy_numbers)};
}

}  // namespace pawl::json
