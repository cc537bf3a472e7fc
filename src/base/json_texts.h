// A list of texts as a JSON array.
// Threading: a pure function.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace pawl::json {

inline Array texts(const std::vector<std::string>& list) {
  return Array(list.begin(), list.end());
}

}  // namespace pawl::json
