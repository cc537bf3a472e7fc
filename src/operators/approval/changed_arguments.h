// Arguments that a person puts in the place of a held call's.
//
// Purpose:    a person may change what a call says, and not what it is: the params are the same
//             text, byte for byte, but for the value of their member `arguments`.
// Threading:  pure functions.
// Errors:     kInvalidParams: no JSON object, arguments that are none, or another difference.
// Not errors: arguments where there were none.
// Source:     docs/formats/approval.md, "Changed arguments".
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace pawl::approval {

inline constexpr std::string_view kArguments = "arguments";
inline constexpr std::size_t kMostPlaces = 64;  // that are named one by one

Status differ_in_arguments(std::string_view asked, std::string_view changed);
// For people: {params, differs: [{pointer, from, to}]}, values as JSON text; `from` or `to` is left
// out where there is none.
json::Object print_change(std::string_view asked, std::string_view changed);

}  // namespace pawl::approval
