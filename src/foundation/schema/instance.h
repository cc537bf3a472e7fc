// The value under test: where it stands, what types it has, how long its text is.
// Threading: pure functions; a Place is a chain of stack frames and outlives none of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace pawl::schema {

// Where a value stands, as a chain of stack frames; text is made only for the first failure.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_index = false;
};

// RFC 6901; empty for the root.
std::string pointer_of(const Place* place);
// TypeBit set (node.h): a number without a fraction is also an integer.
std::uint8_t types_of(const json::Value& value);
// Characters as JSON Schema counts them; `text` is valid UTF-8.
std::uint64_t code_points(std::string_view text);

}  // namespace pawl::schema
