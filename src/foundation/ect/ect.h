// Execution Context Tokens (draft-nennemann-wimse-ect): claims, printing, verification.
//
// Purpose:    issue dialect -01 (`exec+jwt`, `pred`, `ect_ext`), accept -00 and -01, by
//             docs/formats/ect.md (the order of checks and the grade of each rule stand there).
// Threading:  pure functions.
// Errors:     kTokenInvalid with a machine reason in front: "expired: ...", "bad_type: ...",
//             "wrong_audience: ...", "bad_signature: ...", "bad_jti: ...", "ext_too_large: ...".
// Not errors: unknown claims and unknown extension members (kept, ignored); a parent that expired,
//             when it is presented and not recorded (judged by `Presenting`).
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
#include "foundation/jose/jws.h"

namespace pawl::ect {

inline constexpr std::int64_t kLifetimeSeconds = 600;
inline constexpr std::int64_t kMaxAgeSeconds = 900;
inline constexpr std::int64_t kClockSkewSeconds = 30;
inline constexpr std::size_t kMaxParents = 100;
inline constexpr std::size_t kMaxExtBytes = 4096;  // compact UTF-8 JSON
inline constexpr std::size_t kMaxExtDepth = 5;     // the object itself is depth 1
inline constexpr std::size_t kMaxActBytes = 256;   // accepted; ours are at most 64

struct Claims {
  std::string iss;
  std::vector<std::string> aud;
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;
  Uuid jti;
  std::optional<Uuid> wid;
  std::string exec_act;
  std::vector<Uuid> pred;
  std::string inp_hash;  // 43 characters or empty
  std::string out_hash;
  json::Object ext;
};

// The payload in dialect -01, members in the order of the draft's example.
std::string print(const Claims& claims);
// Signs the payload: L2 compact form.
Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims);

enum class Dialect { kEct00, kEct01 };

struct Token {
  Claims claims;
  Dialect dialect = Dialect::kEct01;
  std::string kid;
  std::string compact;
};

// Reads claims of a decoded token by its typ; no signature check. act+jwt is refused.
Result<Token> read(const jose::Jws& jws);

// How a kid and iss become a key: the identity profile. kNotFound: unknown issuer or key.
using KeyResolver =
    std::function<Result<PublicKey>(std::string_view iss, std::string_view kid)>;

struct VerifyOptions {
  WallTime now;
  std::string audience;            // must be in `aud`; empty: not checked (archived tokens)
  bool check_times = true;         // false for a token that is already recorded
  std::vector<std::string> algorithms = {"ES256"};
};

// Steps 2 to 16 of docs/formats/ect.md (parse, typ, alg, key, signature, aud, times, claims, ext).
Result<Token> verify(std::string compact, const KeyResolver& resolve,
                     const VerifyOptions& options);

// DAG rules 1, 3, 4 and 5 for a child and the parents at hand (docs/formats/ect.md, section DAG).
// `recorded`: the parent stands in our ledger, so it is not walked. kTokenInvalid with reason
// "duplicate_task", "parent_newer", "cycle", "workflow_mismatch".
struct Parent {
  Claims claims;
  bool recorded = false;
};
Status check_parents(const Claims& child, const std::vector<Parent>& parents,
                     bool allow_other_workflow);

}  // namespace pawl::ect
