// What in a text a screen would not show as what it is.
//
// Purpose:    one list for all that prints words of others: commands, the log, proposals of rules.
//             Each escapes in its own form what is hidden.
// Threading:  pure functions.
// Not errors: bytes that are not UTF-8: a Character of size 0.
// Source:     Unicode 15: control and format characters, line and paragraph separators, blanks
// other
//             than the space, fillers, variation selectors, tags, private use, noncharacters; and
//             from the third on, marks that are drawn over one letter.
//
// Example:    HiddenText look;
//             for (Character one = look.next(text); ...) { if (one.is_hidden) { escape it } }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pawl {

struct Character {
  std::uint32_t point = 0;
  std::size_t size = 0;  // bytes; 0: none begins here
  bool is_hidden = false;
};

// Reads characters one after the other; remembers how many marks came just before.
class HiddenText {
 public:
  // The first character of `rest`, which is not empty.
  Character next(std::string_view rest);

 private:
  int marks_ = 0;
};

// The text with each hidden character above U+007E in the form that `append` gives it; what is
// below is left to who quotes. Bytes that are not UTF-8 stay.
using AppendEscape = void (*)(std::string& out, std::uint32_t point);
std::string escape_hidden(std::string_view text, AppendEscape append);

}  // namespace pawl
