// Regular expressions of JSON Schema (ECMA-262) on RE2.
//
// Purpose:    a `pattern` keeps its ECMA meaning where RE2 can express it, and is refused where
// not;
//             never a silent change of meaning.
// Threading:  pure function; a compiled pattern may be used from any thread.
// Errors:     kUnsupported: look-around, back references, inline flags, an escape or a class that
//             ECMA-262 and RE2 read differently; a pattern above 2,048 bytes or 1 MiB compiled.
//
// Example:
//   Result<std::unique_ptr<RE2>> name = schema::compile_ecma("^[a-z]\\d+$");
//   RE2::PartialMatch(text, **name);      // a pattern of JSON Schema is not anchored
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::schema {

Result<std::unique_ptr<RE2>> compile_ecma(std::string_view pattern);
// RE2's own syntax with the same bounds. Errors: kUnsupported with RE2's reason.
Result<std::unique_ptr<RE2>> compile_re2(std::string_view pattern);

}  // namespace pawl::schema
