// In which places two JSON values differ.
//
// Threading:  pure functions; what is returned points into both values.
// Not errors: equal values (nothing). Numbers are compared as they were parsed.
// Source:     RFC 6901 (JSON Pointer).
//
// Example:    for (const json::Change& one : json::changes(before, after, 64)) { one.pointer; }
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"

namespace pawl::json {

struct Change {
  std::string pointer;          // "": the whole value
  const Value* from = nullptr;  // null: it is new
  const Value* to = nullptr;    // null: it is gone
};

// In the order of `from`, then what is new in `to`. At most `most`; there may be more of them then.
std::vector<Change> changes(const Value& from, const Value& to, std::size_t most);
// A text as one step of a pointer, with "/" before it.
std::string pointer_step(std::string_view name);

}  // namespace pawl::json
