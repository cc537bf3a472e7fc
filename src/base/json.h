// Strict JSON in, exact bytes kept.
//
// Purpose:    one parse gives one value that every control reads, and byte spans into the same text
//             so that what is forwarded and hashed is what was read (design: one parse, one value).
// Threading:  pure functions; a Parsed value belongs to its owner.
// Errors:     kMalformed (syntax, bad UTF-8, duplicate key also when spelled with escapes, trailing
//             bytes) with line and column; kTooLarge (bytes, depth, members).
// Not errors: a number that a double changes: it is reported in `lossy_numbers`, and the caller
//             decides (refused in governed arguments, passed in results). One beyond the range of
//             a double is read as the largest double of its sign.
//
// Example:
//   Result<json::Parsed> body = json::parse(text, limits);
//   const boost::json::value* name = json::find(body->value, {"params", "name"});
//   Result<json::Span> params = json::member(text, json::whole(text), "params");
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Limits {
  std::size_t max_bytes = 4 * 1024 * 1024;
  std::size_t max_depth = 64;         // the outermost container is depth 1
  std::size_t max_members = 100'000;  // object members and array elements together
  // Members of one object. Bounds what keys chosen to collide in its hash table can cost.
  std::size_t max_object_members = 4096;
};

struct Parsed {
  Value value;
  // JSON Pointers (RFC 6901) of the numbers whose value changes when read as a double and printed
  // again (9007199254740993, 1e400; not 0.1, 1.0, 1e2). At most 8 are kept.
  std::vector<std::string> lossy_numbers;
};

Result<Parsed> parse(std::string_view text, const Limits& limits = {});

// The same value, to be shared and never changed: cheaper to build and to drop, because its parts
// do not count the holders of their memory. A copy of a part that may outlive `value` names its own
// storage (`json::Object copy(part, {})`): Boost.JSON's plain copies stay in the same block.
struct SharedParsed {
  std::shared_ptr<const Value> value;
  std::vector<std::string> lossy_numbers;
};
Result<SharedParsed> parse_shared(std::string_view text, const Limits& limits = {});

// A half-open range of byte offsets into a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  std::size_t size() const { return end - begin; }
};

// The functions below take text that `parse` accepted; on any other text the result is unspecified
// but memory-safe. `object` is the span of an object within `text`.
Span whole(std::string_view text);  // the outermost value, without surrounding white space
// The span of the member's value; nullopt: no such member. Keys compare after unescaping.
std::optional<Span> member(std::string_view text, Span object, std::string_view key);
// The same for several keys in one pass: the span of keys[i] is put into *spans[i].
void members(std::string_view text, Span object, std::initializer_list<std::string_view> keys,
             std::initializer_list<std::optional<Span>*> spans);
// The spans of an array's elements, in order.
std::vector<Span> elements(std::string_view text, Span array);
// The text of `object` without the member `key` and its one comma, every other byte as it was.
std::string without_member(std::string_view text, Span object, std::string_view key);
// The whole text with member `key` of `object` set to `raw` (JSON text): replaced in place when
// present, else added as the first member. Every other byte stays as it was.
std::string with_member(std::string_view text, Span object, std::string_view key,
                        std::string_view raw);
// The whole text with `span` replaced by `raw`.
std::string replaced(std::string_view text, Span span, std::string_view raw);

// The value at a path of object keys; nullptr when any step is missing or not an object.
const Value* find(const Value& value, std::initializer_list<std::string_view> path);
// The string at a path; nullopt when missing or not a string.
std::optional<std::string_view> find_string(const Value& value,
                                            std::initializer_list<std::string_view> path);

// Compact text, members in the order of the object; integers and shortest round-trip doubles (in
// the ECMAScript form: 1.0 prints as 1). Bytes of a string that are not UTF-8 print as U+FFFD.
std::string print(const Value& value);
std::string print(const Object& object);  // no copy to a Value
// RFC 8785 (JCS): members sorted by UTF-16 code units, ECMAScript number form.
std::string canonical(const Value& value);
// A quoted, escaped JSON string.
std::string quote(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

}  // namespace pawl::json
