#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/utf8.h"
#include "foundation/cose/cbor.h"
#include "foundation/cose/cbor_head.h"

namespace pawl::cbor {
namespace {

constexpr std::size_t kMaxTags = 2;
constexpr std::uint64_t kMaxSigned =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

class Reader {
 public:
  Reader(std::string_view bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {}

  Result<Item> item() {
    Item out;
    Result<Head> head = next();
    while (head && head->kind == Head::Kind::kTag && out.tags.size() < kMaxTags) {
      out.tags.push_back(head->argument);
      head = next();
    }
    Result<Value> value = head ? value_of(*head, 1) : fail(head.error());
    if (!value) {
      return fail(value.error());
    }
    out.value = *std::move(value);
    return out;
  }
  std::size_t at() const { return at_; }

 private:
  tl::unexpected<Error> malformed(std::string_view what) const {
    return fail(Code::kMalformed, "CBOR, byte " + std::to_string(at_) + ": " + std::string(what));
  }
  tl::unexpected<Error> too_large(std::string_view what, std::size_t most) const {
    return fail(Code::kTooLarge, "CBOR, byte " + std::to_string(at_) + ": at most " +
                                     std::to_string(most) + " " + std::string(what) + " are read");
  }

  Result<Head> next() {
    Result<Head> head = read_head(bytes_.substr(at_));
    if (!head) {
      return malformed(head.error().message);
    }
    at_ += head->size;
    return head;
  }

  Result<Value> value_of(const Head& head, std::size_t depth) {
    switch (head.kind) {
      case Head::Kind::kUnsigned:
        return integer(head.argument);
      case Head::Kind::kNegative:
        if (head.argument > kMaxSigned) {
          return malformed("an integer below -2^63 is never read");
        }
        return Value{-1 - static_cast<std::int64_t>(head.argument)};
      case Head::Kind::kBytes:
        return Value{Bytes{std::string(head.content)}};
      case Head::Kind::kText:
        if (!is_utf8(head.content)) {
          return malformed("text that is not UTF-8");
        }
        return Value{std::string(head.content)};
      case Head::Kind::kArray:
        return array(head.argument, depth);
      case Head::Kind::kMap:
        return map(head.argument, depth);
      case Head::Kind::kTag:
        return malformed("a tag is read in front of the whole only, and at most two");
      case Head::Kind::kFloat:
        if (!std::isfinite(head.number)) {
          return malformed("NaN and infinities are never read");
        }
        return Value{head.number};
      case Head::Kind::kBool:
        return Value{head.argument != 0};
      case Head::Kind::kNull:
        return Value{Null{}};
    }
    return malformed("unknown kind");
  }

  // Before anything is kept: each item has at least one byte, so a count above what is left lies.
  Status enter(std::uint64_t count, std::uint64_t each, std::size_t depth) {
    if (depth > limits_.max_depth) {
      return too_large("levels of nesting", limits_.max_depth);
    }
    if (count > (bytes_.size() - at_) / each) {
      return malformed("a count of more items than bytes are left");
    }
    items_ += count * each;
    return items_ <= limits_.max_items ? Status{} : too_large("items", limits_.max_items);
  }

  Result<Value> nested(std::size_t depth) {
    const Result<Head> head = next();
    return head ? value_of(*head, depth + 1) : Result<Value>(fail(head.error()));
  }

  Result<Value> array(std::uint64_t count, std::size_t depth) {
    if (Status in = enter(count, 1, depth); !in) {
      return fail(in.error());
    }
    Array out;
    for (std::uint64_t i = 0; i < count; ++i) {
      Result<Value> element = nested(depth);
      if (!element) {
        return element;
      }
      out.push_back(*std::move(element));
    }
    return Value{std::move(out)};
  }

  Result<Value> map(std::uint64_t count, std::size_t depth) {
    if (Status in = enter(count, 2, depth); !in) {
      return fail(in.error());
    }
    Map out;
    std::vector<std::string> keys;  // each in its one spelling
    for (std::uint64_t i = 0; i < count; ++i) {
      Result<Value> key = this->key();
      Result<std::string> text = key ? write(*key) : fail(key.error());
      Result<Value> value = text ? nested(depth) : fail(text.error());
      if (!value) {
        return value;
      }
      keys.push_back(*std::move(text));
      out.push_back({*std::move(key), *std::move(value)});
    }
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
      return malformed("a key stands twice in a map");
    }
    return Value{std::move(out)};
  }

  Result<Value> key() {
    const Result<Head> head = next();
    if (!head) {
      return fail(head.error());
    }
    const bool is_key = head->kind == Head::Kind::kUnsigned ||
                        head->kind == Head::Kind::kNegative || head->kind == Head::Kind::kText;
    return is_key ? value_of(*head, 1)
                  : malformed("a key that is neither an integer nor a text is never read");
  }

  const std::string_view bytes_;
  const Limits limits_;
  std::size_t at_ = 0;
  std::uint64_t items_ = 0;
};

}  // namespace

bool Value::operator==(const Value& other) const {
  return data == other.data;
}
bool Member::operator==(const Member& other) const {
  return key == other.key && value == other.value;
}

Value integer(std::uint64_t number) {
  return number <= kMaxSigned ? Value{static_cast<std::int64_t>(number)} : Value{number};
}

const Value* find(const Map& map, std::int64_t key) {
  const auto at = std::find_if(map.begin(), map.end(), [key](const Member& member) {
    const std::int64_t* number = member.key.get<std::int64_t>();
    return number != nullptr && *number == key;
  });
  return at == map.end() ? nullptr : &at->value;
}

Result<First> read_first(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return fail(Code::kTooLarge,
                "CBOR: at most " + std::to_string(limits.max_bytes) + " bytes are read");
  }
  Reader reader(bytes, limits);
  Result<Item> item = reader.item();
  if (!item) {
    return fail(item.error());
  }
  const std::string_view own = bytes.substr(0, reader.at());
  if (limits.form == Form::kAny) {
    return First{*std::move(item), own.size()};
  }
  // A value has one spelling: whatever else it was is found by writing it.
  const Result<std::string> again = write(*item);
  if (!again) {
    return fail(again.error());
  }
  if (*again != own) {
    const auto differs = std::mismatch(again->begin(), again->end(), own.begin(), own.end());
    return fail(Code::kMalformed, "CBOR, byte " + std::to_string(differs.second - own.begin()) +
                                      ": not the deterministic encoding (RFC 8949, 4.2.1)");
  }
  return First{*std::move(item), own.size()};
}

Result<Item> read(std::string_view bytes, const Limits& limits) {
  Result<First> first = read_first(bytes, limits);
  if (first && first->size < bytes.size()) {
    return fail(Code::kMalformed,
                "CBOR, byte " + std::to_string(first->size) + ": bytes behind the item");
  }
  return first.map([](First& read) { return std::move(read.item); });
}

}  // namespace pawl::cbor
