// Held calls over the control listener, for people: GET /api/v1/approvals (those that are
// remembered and seen), GET /api/v1/approvals/ID (one, with the exact arguments and what is known
// beside it), POST /api/v1/approvals/decide with what a person signed on one of them
// (decision_body.h), and POST /api/v1/approvals/propose with {"approval": ID, "reason": TEXT}: a
// change of the rules, for review.
//
// Threading:  the I/O thread. A decision is answered when it is durable.
// Errors:     RFC 9457 problems, of Door and ApprovalDesk; kInvalidParams: an id that is none,
//             another body; kNotFound also of one that lies in no scope of who asks.
// Rule:       neither the listener's token nor a session decides anything: each decision has a
//             signature of its own. A session hands in its own person's, and no other: by the name
//             and, where the key was registered here, by whose it is.
// Source:     docs/formats/approval.md, docs/formats/console_api.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/api/asker.h"
#include "app/api/control_api.h"
#include "app/api/sign_ins.h"
#include "app/api/viewer.h"
#include "app/daemon/rule_proposals.h"
#include "gateway/approval_desk.h"
#include "operators/approval/usual_calls.h"

namespace pawl {

struct ApprovalsApiParts {
  ApprovalDesk& approvals;
  Door door;
  std::string domain;
  std::function<std::vector<std::string>(const std::string& agent)> groups;  // of it, sorted
  // In our words (approval_effect.h).
  std::function<std::string(const approval::Binding&)> effect;
  // What the call would be obliged to with these params, in words; empty: nothing.
  std::function<std::string(const approval::Binding&, const std::string& params)> obliged;
  // `usual` and `before` (approval_history.h).
  std::function<json::Object(const approval::Approval&, const Viewer&)> history;
  // What is usual of its agent's calls of its tool; null: nothing is known.
  std::function<const approval::UsualCalls*(const approval::Binding&)> usual;
  std::shared_ptr<RuleProposals> proposals;
  SignIns* sign_ins;  // null: nobody signs in here
};

// The parts outlive what it returns. It guards itself.
ApiDesk approvals_api(ApprovalsApiParts parts);

}  // namespace pawl
