#include "base/json_size.h"

#include <algorithm>
#include <cstdint>

namespace pawl::json {
namespace {

constexpr std::size_t kNumber = 32;  // more than any number's text
constexpr std::size_t kEscape = 6;   // of a character in the longest form, \u001f

// With each character of a text as long as it can be, or as long as it is when that is asked.
class Bound {
 public:
  explicit Bound(bool looks_at_texts) : looks_at_texts_(looks_at_texts) {}

  std::size_t of(const Object& object) const {
    std::size_t bytes = 2;
    for (const auto& member : object) {
      bytes += text(member.key()) + of(member.value()) + 2;
    }
    return bytes;
  }

 private:
  std::size_t of(const Value& value) const {
    if (const Object* object = value.if_object()) {
      return of(*object);
    }
    if (const Array* array = value.if_array()) {
      std::size_t bytes = 2;
      for (const Value& element : *array) {
        bytes += of(element) + 1;
      }
      return bytes;
    }
    return value.is_string() ? text(value.get_string()) : kNumber;
  }

  std::size_t text(std::string_view characters) const {
    if (!looks_at_texts_) {
      return 2 + kEscape * characters.size();
    }
    const auto escaped = std::count_if(characters.begin(), characters.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x20 || byte > 0x7e || c == '"' || c == '\\' || c == '/';
    });
    return 2 + characters.size() + (kEscape - 1) * static_cast<std::size_t>(escaped);
  }

  bool looks_at_texts_;
};

constexpr std::size_t kHead = 2 * sizeof(std::size_t);     // of a container or text on the heap
constexpr std::size_t kIndex = 2 * sizeof(std::uint32_t);  // of a member in its object's hash table

// What is beside the value itself.
std::size_t behind(const Value& value) {
  std::size_t bytes = 0;
  if (const Object* object = value.if_object()) {
    bytes += kHead + object->capacity() * (sizeof(Object::value_type) + kIndex);
    for (const auto& member : *object) {
      bytes += member.key().size() + 1 + behind(member.value());
    }
  } else if (const Array* array = value.if_array()) {
    bytes += array->capacity() == 0 ? 0 : kHead + array->capacity() * sizeof(Value);
    for (const Value& element : *array) {
      bytes += behind(element);
    }
  } else if (value.is_string()) {
    bytes += kHead + value.get_string().capacity();
  }
  return bytes;
}

}  // namespace

std::size_t memory_bytes(const Value& value) {
  return sizeof(Value) + behind(value);
}

bool surely_prints_within(const Object& object, std::size_t bytes) {
  return Bound(false).of(object) <= bytes || Bound(true).of(object) <= bytes;
}

}  // namespace pawl::json
