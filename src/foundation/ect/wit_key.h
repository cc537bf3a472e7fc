// The key of a workload, as its identity token (WIT) names it, and the tokens signed with it.
//
// Purpose:    in WIMSE an ECT is signed with the key that its workload's WIT is bound to: no key
//             set of the issuer is needed, and who keeps the WIT can verify the ECT for ever.
// Threading:  pure functions.
// Errors:     read_wit: kMalformed. verify_by_wit: as verify_signed() of ect.h; "unknown_key" when
//             the token is of another issuer or key than the WIT, "bad_alg" when its algorithm is
//             another than the WIT says.
// Not errors: a WIT that has expired or that nobody's key signed: whoever took it judged that
//             (infrastructure/identity/wimse.h).
// Source:     draft-ietf-wimse-workload-creds (cnf.jwk, cnf.jwk.alg); docs/formats/ect.md. OURS:
//             `kid` of the token is that of the WIT's key, if it has one, or its thumbprint.
#pragma once

#include <string>
#include <string_view>

#include "foundation/ect/ect.h"

namespace pawl::ect {

struct WitKey {
  std::string subject;  // whose tokens: their `iss`
  PublicKey key;
  std::string algorithm;  // of their signatures
  std::string kid{};      // may be empty: then any kid means this key
  std::string wit{};      // the text
};

Result<WitKey> read_wit(const std::string& wit);
// Whether a token names this issuer and this key. False also for what is no JWS, and for a token
// that brings a certificate chain: that is its key then (chain_key.h).
bool is_of_wit(const std::string& compact, const WitKey& wit);
// The same of one that was read.
bool is_of_wit(const Token& token, const WitKey& wit);
Result<Token> verify_by_wit(std::string compact, const WitKey& wit, const VerifyOptions& options);

}  // namespace pawl::ect
