// Who may decide on held calls, over the control listener: GET /api/v1/operators, with the passkeys
// of accounts that an admin could enroll (`candidates`), and POST /api/v1/operators with
// {"statement": TOKEN}, which enrolls or removes somebody.
//
// Threading:  the I/O thread. The answer comes when the record is durable.
// Errors:     RFC 9457 problems, of EnrollmentDesk; kInvalidParams: another body; kConflict: the
//             passkey is of somebody else than the operator of that name; where who registered it
//             cannot be read, no passkey is enrolled.
// Rule:       who has the listener's token enrolls nobody: an admin's signature does, and for the
//             first operator the one of the key that is enrolled.
// Source:     docs/formats/enrollment.md.
#pragma once

#include "app/api/control_api.h"
#include "app/api/sign_ins.h"
#include "gateway/enrollment_desk.h"

namespace pawl {

// Both outlive what it returns; `sign_ins` null: nobody signs in. Who asks has shown the listener's
// token.
ApiDesk operators_api(EnrollmentDesk& enrollment, SignIns* sign_ins);

}  // namespace pawl
