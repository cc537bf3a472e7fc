// The body of a decision: {"statement": TOKEN}, signed with a key file, or {"passkey": {statement,
// authenticator_data, client_data, signature}}. One of them and nothing else.
//
// Threading:  pure functions.
// Errors:     kMalformed (no JSON), kInvalidParams (another body), kTooLarge.
// Not errors: a statement that is none: who verifies says so.
// Source:     docs/formats/approval.md.
#pragma once

#include <string_view>

#include "operators/approval/statement_wire.h"

namespace pawl {

Result<approval::Evidence> decision_in(std::string_view body);

// What the evidence says was signed. The signature is not looked at. kTokenInvalid, kMalformed.
Result<approval::Statement> claimed_statement(const approval::Evidence& evidence);

}  // namespace pawl
