// The values of a call's arguments that have no parts, each with the place it stands at.
//
// Purpose:    arguments are compared place by place (usual_calls.h, usual_differences.h).
// Threading:  pure functions.
// Bounds:     a place has at most kMostDepth steps and kMostPlaceBytes bytes.
// Not errors: a value that lies deeper, or behind longer names: it is told, without a place.
//
// A place is a JSON Pointer (RFC 6901) in the arguments, but for lists: the items of one share a
// place, with "*" for the index. A member whose name is "*" is "~*" in it.
//
// Example:    {"to":"bob","items":[{"n":1},{"n":2}]}    /to  /items/*/n  /items/*/n
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/json.h"

namespace pawl::approval {

inline constexpr std::size_t kMostDepth = 6, kMostPlaceBytes = 128;

struct Leaf {
  const std::string& place;    // valid during the call
  const std::string& pointer;  // of this very value; empty: not asked for
  const json::Value& value;    // with parts only where it lies too deep to look into them
  bool has_place = true;
};

enum class Pointers { kWithout, kWith };

// In the order of the text, until `on_leaf` returns false. Nothing of arguments that are empty.
void walk_leaves(const json::Value& arguments, Pointers pointers,
                 const std::function<bool(const Leaf&)>& on_leaf);

}  // namespace pawl::approval
