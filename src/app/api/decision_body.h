// The body of a decision: {"statement": TOKEN}, signed with a key file, or {"passkey": {statement,
// authenticator_data, client_data, signature}}. One of them, and "params" where a person changed
// the arguments: the exact text that is approved in place of the call's.
//
// Threading:  pure functions.
// Errors:     kMalformed (no JSON), kInvalidParams (another body), kTooLarge.
// Not errors: a statement that is none: who verifies says so.
// Source:     docs/formats/approval.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "operators/approval/statement_wire.h"

namespace pawl {

struct DecisionBody {
  approval::Evidence evidence;
  std::string params;  // empty: not said
};

inline constexpr std::size_t kMaxChangedParams = 1024 * 1024;

Result<DecisionBody> decision_in(std::string_view body);

// What the evidence says was signed. The signature is not looked at. kTokenInvalid, kMalformed.
Result<approval::Statement> claimed_statement(const approval::Evidence& evidence);

}  // namespace pawl
