// CBOR (RFC 8949) as tokens and receipts need it, read strictly and written in one form.
//
// Purpose:    bytes of strangers become a tree of plain values, or an error; a value has exactly
// one
//             text: the core deterministic encoding (section 4.2.1), shortest forms and sorted
//             keys.
// Threading:  pure functions; values are plain.
// Errors:     kMalformed: not well-formed, bytes behind the item, a key twice, text that is not
//             UTF-8, or a thing of this list, which is never read: indefinite lengths, tags but in
//             front of the whole, undefined and other simple values, NaN and infinities, integers
//             below -2^63, keys that are neither integers nor texts; with Form::kDeterministic
//             also any other spelling. kTooLarge: bytes, depth, items.
// Not errors: with Form::kAny longer spellings of a length or number, keys in any order.
// Library:    libcbor's streaming decoder and encoders; it allocates nothing and never recurses.
//
// Example:
//   Result<cbor::Item> item = cbor::read(bytes, {.form = cbor::Form::kDeterministic});
//   const cbor::Value* alg = item ? cbor::find(item->value.map(), 1) : nullptr;
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pawl::cbor {

struct Null {
  bool operator==(const Null&) const = default;
};
struct Bytes {
  std::string bytes{};
  bool operator==(const Bytes&) const = default;
};
struct Member;
struct Value;
using Array = std::vector<Value>;
using Map = std::vector<Member>;  // in any order; write() sorts it

// Integers are std::int64_t where they fit, std::uint64_t above; never the latter below 2^63.
struct Value {
  std::variant<Null, bool, std::int64_t, std::uint64_t, double, Bytes, std::string, Array, Map>
      data;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  bool operator==(const Value& other) const;
};

struct Member {
  Value key;
  Value value;
  bool operator==(const Member& other) const;
};

Value integer(std::uint64_t number);

// The value under an integer key; nullptr: none.
const Value* find(const Map& map, std::int64_t key);

enum class Form { kAny, kDeterministic };

struct Limits {
  Form form = Form::kDeterministic;
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_depth = 16;      // the outermost container is depth 1
  std::size_t max_items = 16'384;  // of all containers together, keys among them
};

// A whole data item: the tags in front of it (at most two, outermost first), and the value.
struct Item {
  std::vector<std::uint64_t> tags{};
  Value value{};
};

// One item and nothing behind it.
Result<Item> read(std::string_view bytes, const Limits& limits = {});

// One item and whatever is behind it, of which nothing is looked at.
struct First {
  Item item{};
  std::size_t size = 0;  // bytes of the item
};
Result<First> read_first(std::string_view bytes, const Limits& limits = {});

// The deterministic encoding. What cannot be read back (NaN, another kind of key, a key twice, bad
// UTF-8) is kMalformed.
Result<std::string> write(const Value& value);
Result<std::string> write(const Item& item);

}  // namespace pawl::cbor
