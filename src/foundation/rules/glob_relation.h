// How two globs stand to each other: whether one takes all that the other takes, or none of it.
//
// Purpose:    the proof that a set of rules is narrower than another (narrowing.h) needs it.
// Threading:  pure functions.
// Errors:     none. False: it is not so, or it was not found out within a bound of work.
// Source:     glob.h; both are read as automata, and what both can reach is walked.
//
// Example:
//   surely_within("/srv/a/*", "/srv/**");  // true
#pragma once

#include <string_view>

namespace pawl::rules {

// Every text that `narrow` matches, `wide` matches.
bool surely_within(std::string_view narrow, std::string_view wide);
// No text is matched by both.
bool surely_apart(std::string_view one, std::string_view other);

}  // namespace pawl::rules
