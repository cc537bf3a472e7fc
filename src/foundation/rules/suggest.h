// The known word nearest to a misspelt one, for messages.
// Threading: pure function. Not errors: nothing near: an empty text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawl::rules {

// Empty: none is near enough to be meant.
std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& known);
// 'unknown key "tol"; did you mean "tool"?', or with the list of known ones.
std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known);

}  // namespace pawl::rules
