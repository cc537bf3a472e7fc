// What to change in the rules so that people are no longer asked for one call: a text for review.
//
// Purpose:    "always allow" is never a grant: it is a proposal that somebody reads, narrows, tests
//             and signs. A hold beats an allow, so it names both: what the rule that holds must
//             leave out, and the rule that allows.
// Threading:  pure function.
// Errors:     kUnsupported: a rule cannot name this call alone (a name with "*" would be a glob),
// or
//             only at too great length.
// Not errors: arguments that a rule cannot name exactly (above 1 KiB, fractions): they are left
// open,
//             the text says so, and does not load as it is.
// Rule:       what an agent wrote stands in quotes that it cannot end, and nothing in it is hidden:
//             people read and paste it.
// Source:     docs/formats/rules.md.
//
// Example:    proposed_change({"ask", "triage", "", "files", "tool.call", "pay", &arguments, id})
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace pawl::rules {

struct AskedCall {
  std::string held_by;                            // id of the rule that holds it
  std::string agent, on_behalf_of, server, verb;  // for whom; empty: for nobody
  std::string name;                               // of the tool, prompt or resource; empty: none
  const json::Value* arguments = nullptr;         // an object; null: none
  std::string approval;                           // its id
  std::string obligations{};                      // of that rule, as JSON; empty: it has none
};

// YAML, its remarks behind "# ". Pasted as it is, it allows this call and no other: neither with
// more arguments, nor for somebody else.
inline constexpr std::size_t kMaxProposal = 8192;
Result<std::string> proposed_change(const AskedCall& call);

}  // namespace pawl::rules
