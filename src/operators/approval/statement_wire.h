// The approval statement as text and as a key file's token: `approval+jwt` (OURS).
//
// Purpose:    reads the canonical text of a statement, signs it, and verifies who signed. Whether
// it
//             is on the approval at hand says check_statement(), which decide() asks.
// Threading:  pure functions.
// Errors:     read: kTokenInvalid (not exactly the members, or another spelling than the canonical
//             one). verify: also kForbidden (no operator with this key, or without the role),
//             kBadSignature.
// Rule:       key and operator of the statement are those of the signature, so that nobody signs
//             in another's name.
// Source:     docs/formats/approval.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "foundation/jose/jws.h"
#include "foundation/keys/accounts.h"
#include "operators/approval/approval.h"

namespace pawl::approval {

Result<Statement> read_statement(std::string_view canonical);

// Completes the statement with the key; `operator_name` and `role` stand in it.
Result<std::string> sign_statement(Statement statement, const SigningKey& operator_key);
// What a decoded token says; the signature is not looked at.
Result<Statement> read_statement(const jose::Jws& jws);

struct VerifiedStatement {
  Statement statement;
  Evidence evidence;
};
// `operators`: those who are enrolled (Keystore::operators, EnrolledOperators::operators).
Result<VerifiedStatement> verify_statement(const std::string& token,
                                           std::span<const Operator> operators);

}  // namespace pawl::approval
