// Words of agents, servers and files as data on a screen.
//
// Purpose:    a name or reason that somebody else chose must not move the cursor, hide, reorder or
//             imitate what Pawl says (terminal escapes, bidirectional and zero-width characters).
// Threading:  pure functions.
// Not errors: bytes that are not UTF-8; they are shown as \xNN.
//
// Example:    shown_text("a\x1b[2J\u202eb") == "a\\x1b[2J\\u{202e}b"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pawl {

// One line: control characters, line ends and everything that is invisible or changes direction
// become \xNN or \u{NNNN}; a backslash becomes two. At most `max_bytes`, then "...".
std::string shown_text(std::string_view text, std::size_t max_bytes = 4096);

// "1 rule", "0 rules", "2 entries".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace pawl
