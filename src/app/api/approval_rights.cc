#include "app/api/approval_rights.h"

#include <algorithm>

#include "path/plugged.h"

namespace pawl {

using sign_in::Role;

namespace {

Action call_of(const approval::Binding& binding, const CallPlace& place) {
  Action out;
  out.caller.agent = binding.agent;
  out.caller.groups = place.groups;
  out.caller.on_behalf_of = binding.on_behalf_of;
  out.server = binding.server;
  out.verb = binding.verb;
  out.tool = binding.name;
  out.workflow = binding.workflow;
  return out;
}

}  // namespace

bool may(const sign_in::Session& session, Role role, const approval::Approval& approval,
         const CallPlace& place) {
  const Action call = call_of(approval.binding, place);
  const auto& grants = session.person.grants;
  return std::any_of(grants.begin(), grants.end(),
                     [&](const sign_in::Grant& grant) {
                       return (grant.role == role || role == Role::kViewer) &&
                              override_::covers(grant.scope, call, place.domain);
                     }) ||
         !plugged(ControlId::kApprovalScope);
}

std::string why_no_arguments(const sign_in::Session& session, const approval::Approval& approval,
                             const CallPlace& place) {
  const auto roles = {Role::kApprover, Role::kAuditor, Role::kAdmin};
  return std::any_of(roles.begin(), roles.end(),
                     [&](Role role) { return may(session, role, approval, place); })
             ? ""
             : "arguments are shown to approvers, auditors and admins of this call";
}

bool may_read_usual(const sign_in::Session& session, const approval::Approval& approval,
                    const CallPlace& place) {
  approval::Approval any = approval;
  any.binding.on_behalf_of.clear();
  any.binding.workflow.reset();
  return why_no_arguments(session, any, place).empty();
}

Status may_hand_in(const sign_in::Session& session, const approval::Statement& statement,
                   const approval::Approval& approval, const CallPlace& place) {
  if (!may(session, Role::kApprover, approval, place)) {
    return fail(Code::kForbidden, "needs the role approver for this call");
  }
  if (statement.operator_name != session.person.name && plugged(ControlId::kApprovalAccount)) {
    return fail(Code::kForbidden, "signed as " + statement.operator_name + ", and signed in as " +
                                      session.person.name);
  }
  return {};
}

const AccountPasskey* owner_of(const std::vector<AccountPasskey>& all, std::string_view kid) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const AccountPasskey& one) {
    return one.passkey.key.thumbprint() == kid;
  });
  return found == all.end() ? nullptr : &*found;
}

bool may_use(const sign_in::Person& person, const std::string& kid,
             const std::vector<AccountPasskey>& registered) {
  const AccountPasskey* owner = owner_of(registered, kid);
  const bool is_own = owner == nullptr ? !person.provider.has_value() : owner->is_of(person);
  return is_own || !plugged(ControlId::kApprovalAccount);
}

}  // namespace pawl
