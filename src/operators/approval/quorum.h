// Whether enough people have decided: M of N, distinct by person and by key.
//
// Purpose:    counts signatures. One denial ends it; a decision by the server counts for nothing;
//             nobody decides on a call of their own; who approves something else than the last one
//             (other arguments, uses or end) starts the count anew.
// Threading:  pure functions.
// Errors:     none. No roles: nothing is ever met.
// Example:    if (standing(terms, approval.by, requester_of(approval)).met) { it is approved }
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "foundation/keys/accounts.h"
#include "operators/approval/approval.h"

namespace pawl::approval {

// Who wants the call: none of these may approve it.
struct Requester {
  std::string_view agent, on_behalf_of, owner;
  bool is(std::string_view person) const {
    return person == agent || person == on_behalf_of || person == owner;
  }
};
inline Requester requester_of(const Approval& approval) {
  return {approval.binding.agent, approval.binding.on_behalf_of, approval.owner};
}

struct Standing {
  std::size_t people = 0;  // who agree on the same thing, each with a key of their own
  bool denied = false;
  bool met = false;
};
// `by` in the order of deciding.
Standing standing(const HoldTerms& terms, std::span<const Signed> by, const Requester& requester);

// How many people are still to agree; 0 where nobody is asked any more.
std::int64_t people_needed(const Approval& approval);

// Whether the two would let the same thing through.
bool same_grant(const Signed& a, const Signed& b);

// Whether those who are enrolled could meet the terms, before or after an escalation.
bool enough_approvers(const HoldTerms& terms, std::span<const Operator> operators,
                      const Requester& requester);

}  // namespace pawl::approval
