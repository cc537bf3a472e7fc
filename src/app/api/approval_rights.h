// What a signed-in person may see and do of held calls: role and scope of the session.
//
// Purpose:    every role looks within its scope; arguments are for those who decide or audit; only
//             an approver of the scope hands in a decision, and only their own. A decision needs
//             its signature besides (operators/approval/).
// Threading:  pure functions.
// Errors:     may_hand_in(): kForbidden, with what is missing.
// Rule:       an approval lies in a scope as its call does: agent, user, server, tool, workflow,
//             group as configured, trust domain, all.
// Source:     docs/formats/console_api.md, "Approvals".
#pragma once

#include <string>
#include <vector>

#include "app/api/sign_ins.h"
#include "operators/approval/approval.h"
#include "operators/sign_in/session.h"

namespace pawl {

// What of the call its approval does not say.
struct CallPlace {
  std::string domain;               // this instance's trust domain
  std::vector<std::string> groups;  // of the agent, sorted
};

bool may(const sign_in::Session& session, sign_in::Role role, const approval::Approval& approval,
         const CallPlace& place);
// Why this person is not shown the arguments; empty: they are.
std::string why_no_arguments(const sign_in::Session& session, const approval::Approval& approval,
                             const CallPlace& place);
// Whether the arguments of all calls of its agent to its tool may be shown, too: on whosever behalf
// and in whichever workflow they are.
bool may_read_usual(const sign_in::Session& session, const approval::Approval& approval,
                    const CallPlace& place);
Status may_hand_in(const sign_in::Session& session, const approval::Statement& statement,
                   const approval::Approval& approval, const CallPlace& place);

// Whether this person decides in a session with this key, by what people registered: a key that is
// registered has one person; of the others a provider's people have none, for the name that they
// share with an operator is not theirs alone.
bool may_use(const sign_in::Person& person, const std::string& kid,
             const std::vector<AccountPasskey>& registered);

}  // namespace pawl
