// The walk over JSON text that takes things out of it; internal to foundation/rules.
//
// Purpose:    copies a text, byte for byte but for what is named or matches (redaction.h).
// Threading:  pure functions.
// Ownership:  Wants and Search borrow pointers and patterns.
// Errors:     kUnsupported: bytes that no pattern can search, or a name at the top that matches.
#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/rules/redaction.h"

namespace pawl::rules {

// The mark of an object that says its type, as content does: {"type":"text","text":"[redacted]"}.
inline constexpr std::string_view kMarkType = "type", kMarkText = "text";

// A pointer, and how many of its steps have been taken.
struct Wanted {
  const Redaction::Pointer* pointer;
  std::size_t taken;
};
using Wants = std::vector<Wanted>;

// Those that go on over this member or element.
Wants advanced(const Wants& wants, std::string_view name);
bool names_this(const Wants& wants);  // one of them ends here

// What is looked for in every text.
struct Search {
  std::vector<const RE2*> patterns;
  std::vector<std::string> values;  // word for word
  Wants within;                     // where the text is JSON, from its top
};

// `text`: JSON that parses.
Result<std::string> redacted_json(std::string_view text, const Wants& wants, const Search& search);

}  // namespace pawl::rules
