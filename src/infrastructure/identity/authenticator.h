// Who is the caller? Agents on the data listener, and nobody else.
//
// Purpose:    turns credentials into a Caller. Every credential that is shown must hold, and all
//             must name the same agent: a bad one is never passed over in favour of another.
// Threading:  any thread; only the memory of shown proofs changes. `on_refusal` is called on the
//             caller's thread.
// Ownership:  shares the key sources; holds digests of keys, never keys.
// Errors:     a Denial (admit) or its code and text (authenticate): kRefusalText whatever the
// cause,
//             which goes to `on_refusal` (log, metrics), but for a proof whose token is good
//             (denial.h). create: kInvalidParams, kConflict.
// Not errors: an asserted name, which is carried and marked but proves nothing.
// Proof:      of several credentials the strongest is stated: mutual TLS, WPT, DPoP, JWT, key,
// peer. Listeners:  operators have no account here and agents have none elsewhere; a Caller is
// accepted
//             by the data listener only, so that no agent's credential works on the other two.
//
// Example:
//   Result<Caller> caller = authenticator->authenticate({.authorization = header}, clock.wall());
//   if (!caller) return unauthorized(caller.error());
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "foundation/crypto/certificate_chain.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/identity/bundle_source.h"
#include "infrastructure/identity/caller.h"
#include "infrastructure/identity/credentials.h"
#include "infrastructure/identity/denial.h"
#include "infrastructure/identity/jwt.h"
#include "infrastructure/identity/proof_desk.h"
#include "infrastructure/identity/refusal.h"
#include "infrastructure/net/tls.h"

namespace pawl::identity {

inline constexpr std::size_t kMinKeyBytes = 16;

struct Agent {
  std::string id;
  std::vector<std::string> groups{};
  std::vector<Digest> keys{};  // SHA-256 of each bearer key (key_digest, Keystore::agents)
  // Workloads that are this agent, besides spiffe://trust_domain/agent/<id>: exact identifiers.
  std::vector<std::string> identities{};
};

struct AuthenticatorOptions {
  std::string trust_domain{};
  std::vector<Agent> agents{};
  std::vector<JwtIssuer> issuers{};
  std::vector<TrustDomain> trust_domains{};  // whose WITs and SVIDs count
  ProofOptions proofs{};
  bool mutual_tls = false;  // accept spiffe://trust_domain/agent/<id> where our client CA vouches
  Clock* clock = nullptr;   // of handshakes; null: no certificate is taken there
  // Agents that a local uid may be; the first is the default, asserted["agent"] picks another.
  std::map<std::uint32_t, std::vector<std::string>> unix_users{};
  bool development = false;  // nothing shown: asserted["agent"], else "dev", with Proof::kNone
  std::function<void(Refusal, std::string_view detail)> on_refusal{};  // may be empty
};

// The digest under which a configured bearer key is kept. kInvalidParams for a key that is short
// (an unset variable gives an empty one) or that could not be sent.
Result<Digest> key_digest(std::string_view key);

class Authenticator {
 public:
  // kInvalidParams or kConflict name the agent, issuer or uid that is wrong.
  static Result<std::unique_ptr<Authenticator>> create(AuthenticatorOptions options);
  ~Authenticator();

  Result<Caller> authenticate(const Credentials& credentials, WallTime now) const;
  // The same, for whoever can tell the client what was expected.
  tl::expected<Caller, Denial> admit(const Credentials& credentials, WallTime now, Pass pass) const;

  // For the listener's handshakes: X.509-SVIDs of the trust domains that have a bundle; of which
  // agent is asked with each request. Empty: no domain has one. `this` outlives it.
  ClientTrust client_trust() const;
  // For tokens that bring the chain of a workload's certificate: whether the authorities of its
  // name's domain vouch for it, and while which time all of its path holds.
  Judged<Validity> vouch(const CertificateChain& chain, std::int64_t at_s) const;
  std::uint64_t bundle_generation() const;  // another whenever a bundle came, changed or went
  void refresh_bundles() const;             // looks where a look is due
  BundleStatus bundles() const;
  std::vector<BundleTrouble> bundle_troubles() const;  // by domain

  struct Impl;  // for the .cc files of this folder only

 private:
  explicit Authenticator(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace pawl::identity
