#include "base/json_size.h"

#include <algorithm>

namespace pawl::json {
namespace {

constexpr std::size_t kNumber = 32;  // more than any number's text
constexpr std::size_t kEscape = 6;   // \u001f

std::size_t most(const Object& object);

// Quoted. A character that may be escaped counts as if it were, in the longest form.
std::size_t most(std::string_view text) {
  const auto escaped = std::count_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte > 0x7e || c == '"' || c == '\\' || c == '/';
  });
  return 2 + text.size() + (kEscape - 1) * static_cast<std::size_t>(escaped);
}

std::size_t most(const Value& value) {
  if (const Object* object = value.if_object()) {
    return most(*object);
  }
  if (const Array* array = value.if_array()) {
    std::size_t bytes = 2;
    for (const Value& element : *array) {
      bytes += most(element) + 1;
    }
    return bytes;
  }
  return value.is_string() ? most(std::string_view(value.get_string())) : kNumber;
}

std::size_t most(const Object& object) {
  std::size_t bytes = 2;
  for (const auto& member : object) {
    bytes += most(std::string_view(member.key())) + most(member.value()) + 2;
  }
  return bytes;
}

}  // namespace

bool surely_prints_within(const Object& object, std::size_t bytes) {
  return most(object) <= bytes;
}

}  // namespace pawl::json
