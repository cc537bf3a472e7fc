// A held call as the daemon shows it to people, checked where the person sits.
//
// Purpose:    who approves must see what the approval is bound to, not what a server says that it
//             is: the arguments are compared with the digest that is signed.
// Threading:  pure functions.
// Errors:     read_held_call: kMalformed. find_held_call: as only_id (id_part.h).
// Source:     docs/formats/approval.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "operators/approval/approval.h"

namespace pawl {

struct HeldCall {
  approval::Approval approval;
  std::int64_t needed = 0;             // people who are still to agree
  std::string instance;                // as the daemon says; empty: it does not
  std::optional<std::string> params;   // the exact text
  std::string problem;                 // why there is none
  std::optional<std::string> changed;  // what the last one who approved put in their place
  std::int64_t callers = 0;            // that wait for it now
  std::string effect;                  // in the daemon's words; empty: in a list
  std::string obliged;                 // what rules ask of it, likewise; empty: nothing
  json::Value usual;                   // what it says of usual calls (shown_usual.h); null: nothing
};

// One element of GET /api/v1/approvals, or the answer of GET /api/v1/approvals/ID.
Result<HeldCall> read_held_call(const json::Value& answer);

// Why nobody should approve what is shown; empty: it is what the approval is bound to.
std::string wrong_arguments(const HeldCall& call);

// By a whole id, or a part of exactly one (id_part.h).
Result<Uuid> find_held_call(const std::vector<HeldCall>& calls, const std::string& name);

}  // namespace pawl
