// The known word nearest to a misspelt one, for messages.
// Threading: pure function. Not errors: nothing near: an empty text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawl::rules {

// 'unknown key "tol"; did you mean "tool"?', or with the list of known ones.
std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known);

}  // namespace pawl::rules
