// DPoP: a JWT with which a client proves that it has the key its access token is bound to.
//
// Purpose:    RFC 9449, 4.3, but for what needs a memory (was it shown before?).
// Threading:  pure; time comes in.
// Errors:     a Finding with its own reason for each check.
// Not errors: unknown claims and header members.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/identity/nonces.h"
#include "infrastructure/identity/proof_rules.h"

namespace pawl::identity {

struct DpopExpected {
  ProofExpected request;
  std::string access_token;  // as it came
  std::string thumbprint;    // cnf.jkt of the access token
  std::vector<std::string> algorithms;
  const Nonces* nonces = nullptr;  // null: no nonce is asked for
};

Judged<ShownProof> check_dpop(std::string_view proof, const DpopExpected& expected);

}  // namespace pawl::identity
