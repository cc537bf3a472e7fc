// What the answer of one predicate says of another's; internal to foundation/rules.
//
// Purpose:    the smallest step of the proof that a set of rules is narrower (narrowing.h).
// Threading:  pure functions.
// Errors:     none. False: it is not so, or it is not known to be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/rules/atom.h"

namespace pawl::rules {

// A set of answers.
using Truths = std::uint8_t;
inline constexpr Truths kIsFalse = 1;
inline constexpr Truths kIsTrue = 2;
inline constexpr Truths kIsUndecidable = 4;
inline constexpr Truths kIsAbsent = 8;
inline constexpr Truths kIsAnything = 15;

// For all facts: when the answer of `from` is in `given`, the answer of `to` is in `then`.
bool surely(const Atom& from, Truths given, const Atom& to, Truths then);

// The globs of a predicate as they were written.
std::vector<std::string> glob_texts(const Atom& atom);

}  // namespace pawl::rules
