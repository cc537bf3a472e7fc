// Held calls over the control listener, for people: GET /api/v1/approvals (all that are
// remembered), GET /api/v1/approvals/ID (one, with the exact arguments), and POST
// /api/v1/approvals/decide with {"statement": TOKEN}, what a person signed on one of them.
//
// Threading:  the I/O thread. A decision is answered when it is durable.
// Errors:     RFC 9457 problems, of ApprovalDesk; kInvalidParams: an id that is none, another body.
// Rule:       who has the listener's token sees arguments, and decides nothing: each decision has a
//             signature of its own.
// Source:     docs/formats/approval.md.
#pragma once

#include "app/api/control_api.h"
#include "gateway/approval_desk.h"

namespace pawl {

// `approvals` outlives what it returns. Who asks has shown the listener's token.
ApiDesk approvals_api(ApprovalDesk& approvals);

}  // namespace pawl
