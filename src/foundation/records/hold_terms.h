// The terms on which a held call may go on: who decides, how many of them, and until when.
//
// Purpose:    one type for what a rule says (foundation/rules), what a verdict carries
//             (path/control.h) and what a record keeps.
// Threading:  plain value, pure function.
// Source:     ours; ACP-DAG-HITL's `hitl` gates are read into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace pawl {

struct HoldTerms {
  static constexpr std::uint32_t kMostUses = 1000;
  static constexpr std::uint32_t kMostOf = 16;

  std::vector<std::string> roles;        // who may decide; empty: nobody, so the call is denied
  std::uint32_t of = 1;                  // distinct people, each with a key of their own
  std::uint32_t uses = 1;                // calls that one approval lets through; never unlimited
  std::int64_t within_s = 900;           // from the request on; then escalate_to, or abort
  std::vector<std::string> escalate_to;  // roles; empty: the call is aborted

  friend bool operator==(const HoldTerms&, const HoldTerms&) = default;
};

// {"roles":[...],"of":N,"within_s":SECONDS,"uses":N,"escalate_to":[...]}
json::Object print_hold_terms(const HoldTerms& terms);

}  // namespace pawl
