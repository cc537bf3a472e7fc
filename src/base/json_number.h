// Numbers between JSON text and doubles, exactly.
//
// Purpose:    Boost.JSON's own reading of doubles is off by one bit for some texts; this one is
//             correctly rounded, and can tell whether a double kept what the text said.
// Threading:  pure functions.
// Not errors: a text beyond the range of a double; it reads as the largest double of its sign.
//
// `text` is always a number as JSON writes it.
//
// Example:
//   double d = json::read_double("9007199254740993");      // 9007199254740992
//   json::changes_as_double("9007199254740993", d);        // true
#pragma once

#include <string>
#include <string_view>

namespace pawl::json {

double read_double(std::string_view text);

// True when the shortest text that reads as `value` is another number than `text` is.
bool changes_as_double(std::string_view text, double value);

// ECMAScript Number::toString, as RFC 8785 asks; null for a value that is not finite.
void append_number(std::string& out, double value);

}  // namespace pawl::json
