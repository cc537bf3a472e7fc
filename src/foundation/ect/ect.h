// Execution Context Tokens (draft-nennemann-wimse-ect): claims, printing, verification.
//
// Purpose:    issue dialect -01 (`exec+jwt`, `pred`, `ect_ext`), accept -00 and -01, by
//             docs/formats/ect.md (the order of checks and the grade of each rule stand there).
// Threading:  pure functions.
// Errors:     kTokenInvalid with a machine reason in front ("expired: ...", "bad_type: ..."; all of
//             them stand in the page); kUndecidable ("undecidable: ...") when a library fails.
// Not errors: unknown claims (ignored) and unknown extension members (kept); a parent named twice
//             (it counts once); replay, which only the ledger's writer can judge.
//
// Example:
//   Result<std::string> token = ect::issue(key, kid, claims);
//   Result<ect::Token> read = ect::verify(field, keys, {.now = clock.wall(), .audience = self});
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "foundation/ect/chain_key.h"
#include "foundation/ect/ect_level.h"
#include "foundation/jose/jws.h"

namespace pawl::ect {

inline constexpr std::int64_t kLifetimeSeconds = 600;
inline constexpr std::int64_t kMaxAgeSeconds = 900;
inline constexpr std::int64_t kClockSkewSeconds = 30;
inline constexpr std::size_t kMaxParents = 100;
inline constexpr std::size_t kMaxAncestors = 10'000;  // inline parents not yet recorded
inline constexpr std::size_t kMaxAudiences = 64;
inline constexpr std::size_t kMaxUriBytes = 2048;  // iss, and each aud
inline constexpr std::size_t kMaxExtBytes = 4096;  // compact UTF-8 JSON
inline constexpr std::size_t kMaxExtDepth = 5;     // the object itself is depth 1
inline constexpr std::size_t kMaxActBytes = 256;   // accepted; ours are at most 64

struct Claims {
  std::string iss{};
  std::vector<std::string> aud{};
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;
  Uuid jti{};
  std::optional<Uuid> wid{};
  std::string exec_act{};
  std::vector<Uuid> pred{};
  std::string inp_hash{};  // 43 characters or empty
  std::string out_hash{};
  json::Object ext{};
};

// The limits and forms that hold for what we issue and for what we accept (reasons of the page).
Status check_claims(const Claims& claims);
// The same with the extension object's text at hand. At level 1 a token may name no audience.
Status check_claims(const Claims& claims, std::string_view ext_text, Level level = Level::kL2);

// The payload in dialect -01, members in the order of the draft's example.
std::string print(const Claims& claims);
// Signs the payload: L2 compact form. kTokenInvalid when check_claims refuses.
Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims);

// The same for many tokens of one key.
class Issuer {
 public:
  Issuer(const SigningKey& key, std::string_view kid);
  Result<std::string> issue(const Claims& claims) const;
  // `ext_text` is printed, and claims.ext may stay empty: no tree where a text is built for each
  // call. Then its size and depth are checked, and the caller answers for its members.
  Result<std::string> issue(const Claims& claims, std::string_view ext_text) const;

 private:
  const SigningKey key_;
  const std::string header_;  // empty: no kid, and no token
};

enum class Dialect { kEct00, kEct01, kEctCbor00 };

struct Token {
  Claims claims;
  Dialect dialect = Dialect::kEct01;
  Level level = Level::kL2;  // of its form: L1 or L2; that it is recorded is for others to know
  std::string kid;
  std::string compact;        // as it was presented
  std::string cbor_claims{};  // of the CBOR form: the bytes of its claims; else empty
  // It was verified by a certificate chain in its header; then `kid` is its key's thumbprint.
  std::optional<ChainFacts> chain{};
};

// Reads claims of a decoded token by its typ; no signature check. act+jwt is refused.
// missing_parents_is_root: read a token without pred (par) as one with an empty list.
Result<Token> read(const jose::Jws& jws, bool missing_parents_is_root = false);
// A token of level 1, in the names of -01; `aud` may be missing. It proves nothing: the caller
// takes it only from the one whom `iss` names, and whom the transport proves. Reasons as
// verify_signed().
Result<Token> read_unsigned(std::string text, bool missing_parents_is_root = false);

// How a kid and iss become a key: the identity profile. It answers only with a key that is bound to
// exactly this issuer and not revoked. kNotFound: unknown issuer or key.
using KeyResolver = std::function<Result<PublicKey>(std::string_view iss, std::string_view kid)>;

struct VerifyOptions {
  WallTime now{};
  std::string audience{};   // must be in `aud`; empty: not checked (archived tokens)
  bool check_times = true;  // false for a token that is already recorded
  std::vector<std::string> algorithms = {"ES256"};
  bool missing_parents_is_root = false;
  bool accept_cbor = false;  // the CBOR form, too (ect_cbor.h)
  ChainVoucher vouch{};      // of tokens with x5c; empty: none is taken
};

// Everything that does not depend on who looks and when: parse, typ, alg, key, signature, claims,
// extension. The result may be kept (verified_cache.h) as long as the keys and the authorities stay
// the same. A token with a chain in its header is not asked of `resolve` (chain_key.h).
Result<Token> verify_signed(std::string compact, const KeyResolver& resolve,
                            const VerifyOptions& options);
// The rest: audience and times. For each presentation, whether or not the token was kept.
Status check_presented(const Claims& claims, const VerifyOptions& options);
// The same, and that the chain of its header holds now ("chain_time").
Status check_presented(const Token& token, const VerifyOptions& options);
// Both. `compact` is one field value or one member of the body form.
Result<Token> verify(std::string compact, const KeyResolver& resolve, const VerifyOptions& options);

// DAG rules 1, 3, 4 and 5 for a child and the tokens at hand (docs/formats/ect.md, section DAG):
// its parents, and their parents where these came along. kTokenInvalid with reason
// "duplicate_task", "parent_newer", "cycle", "too_many_ancestors", "workflow_mismatch".
struct Parent {
  Claims claims;
  bool recorded = false;  // stands in our ledger, so it precedes the child and is not walked
};
Status check_parents(const Claims& child, const std::vector<Parent>& parents,
                     bool allow_other_workflow);
// Rule 2: the parents named by the child that are not at hand, in its order. Empty: a full graph;
// otherwise the caller refuses, or goes on and marks the result as partial.
std::vector<Uuid> missing_parents(const Claims& child, const std::vector<Parent>& parents);
// The policy companion's rule, for verifiers that choose it: a parent that was rejected or still
// waits for a person is followed only by compensation. kTokenInvalid, "parent_refused".
Status check_parent_decisions(const Claims& child, const std::vector<Parent>& parents);

}  // namespace pawl::ect
