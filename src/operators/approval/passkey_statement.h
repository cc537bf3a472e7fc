// An approval statement that a passkey signed: its SHA-256 is the challenge of the assertion.
//
// Purpose:    what verify_statement() is for a key file's token. All it needs stands in the record
//             (Evidence) and in the records of enrollments, so that `pawl verify` asks it, too.
// Threading:  a pure function.
// Errors:     kTokenInvalid (the statement, or the assertion, not as it must be), kForbidden (no
//             operator with this passkey, or without the role), kBadSignature, kUnsupported,
//             kUndecidable.
// Not errors: a counter that did not move: each challenge is of one approval's nonce, which counts
//             once; a copy of the device is noticed where its owner signs in.
// Rule:       the relying party is the verifier's own knowledge (approval.address), and never taken
//             from the evidence.
// Source:     docs/formats/approval.md, docs/formats/passkey.md.
//
// Example:    Result<VerifiedStatement> said = verify_passkey_statement(
//                 record.evidence, state.enrolled, {"pawl.example.org",
//                 "https://pawl.example.org"});
#pragma once

#include "operators/approval/enrollment.h"
#include "operators/approval/statement_wire.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::approval {

Result<VerifiedStatement> verify_passkey_statement(const Evidence& evidence,
                                                   const EnrolledOperators& operators,
                                                   const sign_in::RelyingParty& party);

}  // namespace pawl::approval
