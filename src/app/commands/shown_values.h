// Values that agents wrote, as data on a screen: in quotes, in lines of ours.
//
// Purpose:    no text of theirs looks like a line, or like another value, of what is shown.
// Threading:  pure functions.
// Not errors: bytes that are not UTF-8 (shown_text.h).
//
// Example:    block_of(named("/arguments/to") + " " + quoted("bob") + "\n")
#pragma once

#include <string>
#include <string_view>

namespace pawl {

std::string whole_text(std::string_view text);  // shown_text() of all of it
// A string in quotes that it cannot end by itself.
std::string quoted(std::string_view text);
// A JSON Pointer, in quotes where its end would not be seen.
std::string named(std::string_view pointer);
// Lines of shown text, each behind "  | "; what goes on in the next one stands behind "  : ".
std::string block_of(std::string_view shown);

}  // namespace pawl
