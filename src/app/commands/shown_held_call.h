// A held call as an approver reads it.
//
// Purpose:    everything that is decided, and the arguments whole: what agents wrote is data, in
//             lines that begin as they do here and are short enough for a terminal not to break
//             them, so that no text of theirs looks like a line of ours.
// Threading:  pure functions.
// Not errors: arguments that cannot be read, or are others than the approval is bound to: that is
//             what is shown.
#pragma once

#include <string>
#include <string_view>

#include "app/commands/held_call.h"

namespace pawl {

// One line of a list.
std::string held_call_line(const HeldCall& call, std::int64_t now);
// Whether somebody waits for it; calls that do.
std::string callers_words(std::int64_t callers);
// All of it. `now`: seconds.
std::string shown_held_call(const HeldCall& call, std::int64_t now);

// The text as data (shown_text.h), each line behind "  | " and at most 72 columns of it.
std::string shown_block(std::string_view text);
// The same of lines that are ours: each begins one.
std::string shown_lines(std::string_view lines);
// The values of a JSON text, each under its JSON Pointer: /arguments/path "a".
std::string shown_values(std::string_view json_text);

}  // namespace pawl
