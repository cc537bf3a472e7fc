// WIMSE: a workload's identity token (WIT) and its proof for one request (WPT).
//
// Purpose:    who the workload is, by the keys of its trust domain; and that the sender has the key
//             that the WIT names.
// Threading:  pure but for the domains' key sources, which take any thread.
// Errors:     a Finding with its own reason for each check.
// Not errors: unknown claims; a WIT without iss, iat or jti.
// Source:     draft-ietf-wimse-workload-creds (WIT), draft-ietf-wimse-wpt (WPT).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/http/message.h"
#include "infrastructure/identity/bundle_source.h"
#include "infrastructure/identity/key_source.h"
#include "infrastructure/identity/proof_rules.h"

namespace pawl::identity {

inline constexpr std::string_view kFieldWit = "Workload-Identity-Token";
inline constexpr std::string_view kFieldWpt = "Workload-Proof-Token";
inline constexpr std::string_view kFieldTxnToken = "Txn-Token";

// A domain whose keys may vouch for workloads of its name, and of no other.
struct TrustDomain {
  std::string name;
  std::shared_ptr<KeySource> wit_keys{};   // null: no WIT of this domain counts
  std::vector<std::string> algorithms{};   // of WITs, proofs and JWT-SVIDs; at least one
  std::shared_ptr<BundleSource> bundle{};  // null: no X.509-SVID of this domain counts
  std::shared_ptr<KeySource> svid_keys{};  // null: no JWT-SVID does
  std::vector<std::string> audiences{};    // this gateway, as JWT-SVIDs name it
};

// kInvalidParams: a name that is none, no keys, an algorithm that is no signature, JWT-SVIDs
// without audience.
Status check_trust_domain(const TrustDomain& domain);

struct Wit {
  std::string subject;    // spiffe:// or wimse://, of the domain whose key signed
  PublicKey key;          // cnf.jwk
  std::string algorithm;  // cnf.jwk.alg: the only one that a proof may have
  std::string hash;       // of the token, as `wth` says it
  // What a revocation may name: the key that signed it by kid and thumbprint, itself by iss and
  // jti.
  std::string iss{}, jti{}, kid{}, thumbprint{};
  std::string text{};  // as it was shown
};

struct WptExpected {
  ProofExpected request;
  std::vector<std::string> audiences{};       // names of this gateway besides its URLs
  const http::Headers* headers = nullptr;     // of the request; not null
  std::optional<std::string> access_token{};  // that came in Authorization beside the WPT
};

Judged<Wit> check_wit(std::string_view token, const std::vector<TrustDomain>& domains,
                      std::int64_t now_s);
Judged<ShownProof> check_wpt(std::string_view proof, const Wit& wit, const WptExpected& expected);

}  // namespace pawl::identity
