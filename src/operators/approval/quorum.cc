#include "operators/approval/quorum.h"

#include <algorithm>
#include <set>

namespace pawl::approval {
namespace {

bool has_role(const HoldTerms& terms, std::string_view role) {
  const auto in = [role](const std::vector<std::string>& roles) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  return in(terms.roles) || in(terms.escalate_to);
}

bool is_approval(const Signed& one) {
  return !one.by_rule && one.decision == Decision::kApprove;
}

}  // namespace

std::int64_t people_needed(const Approval& approval) {
  const Standing stands = standing(approval.terms, approval.by, requester_of(approval));
  return approval.phase == Phase::kPending && approval.terms.of > stands.people
             ? static_cast<std::int64_t>(approval.terms.of - stands.people)
             : 0;
}

bool same_grant(const Signed& a, const Signed& b) {
  return a.executed == b.executed && a.uses == b.uses && a.expires == b.expires;
}

Standing standing(const HoldTerms& terms, std::span<const Signed> by, const Requester& requester) {
  Standing out;
  const auto last = std::find_if(by.rbegin(), by.rend(), is_approval);
  std::set<std::string_view> people;
  std::set<std::string_view> keys;
  for (const Signed& one : by) {
    if (one.by_rule || !has_role(terms, one.role)) {
      continue;
    }
    if (one.decision == Decision::kDeny) {
      out.denied = true;
    } else if (same_grant(one, *last) && !requester.is(one.person) && !one.person.empty() &&
               !one.key.empty() && !people.contains(one.person) && !keys.contains(one.key)) {
      people.insert(one.person);
      keys.insert(one.key);
    }
  }
  out.people = people.size();
  out.met = !out.denied && !terms.roles.empty() && terms.of >= 1 && out.people >= terms.of;
  return out;
}

bool enough_approvers(const HoldTerms& terms, std::span<const Operator> operators,
                      const Requester& requester) {
  std::set<std::string_view> people;
  std::set<std::string_view> keys;
  for (const Operator& one : operators) {
    const bool may = std::any_of(one.roles.begin(), one.roles.end(),
                                 [&](const std::string& role) { return has_role(terms, role); });
    if (may && !requester.is(one.name) && !people.contains(one.name) && !keys.contains(one.kid)) {
      people.insert(one.name);
      keys.insert(one.kid);
    }
  }
  return !terms.roles.empty() && terms.of >= 1 && people.size() >= terms.of;
}

}  // namespace pawl::approval
