// The rules that proofs of possession share, whatever form they have (DPoP, WPT).
//
// Purpose:    the pure core: which URL, which time, which token and which key a proof speaks of.
// Threading:  pure functions; time comes in.
// Errors:     a Finding: what was expected.
// Source:     RFC 9449, 4.3; RFC 3986, 6.2.2 and 6.2.3; RFC 7800, 3.2; draft-ietf-wimse-wpt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/jose/jws.h"
#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

inline constexpr std::int64_t kProofSkewSeconds = 30;
inline constexpr std::size_t kMaxProofBytes = 8 * 1024;
inline constexpr std::size_t kMaxProofIdBytes = 256;

// What the request is that a proof came with, and what is asked of it.
struct ProofExpected {
  std::string method;                // compared exactly
  std::vector<std::string> targets;  // URLs that this request may be called by
  std::int64_t now_s = 0;
  std::int64_t max_age_s = 300;  // how old a proof may be, and how long it may go on
  std::int64_t started_s = 0;    // what was made before may have been spent before
};

// A proof that holds, but for one thing: whether it was shown before.
struct ShownProof {
  Digest id{};               // of its key and its jti
  std::int64_t until_s = 0;  // the last second in which it could be shown
};

// An http or https URL in normal form, without query and fragment; nullopt: it is none, has a user,
// an encoded slash, or more than 8 KiB.
std::optional<std::string> normal_url(std::string_view text);
// False also when either is no URL.
bool is_same_target(std::string_view said, std::string_view actual);
bool is_one_of_targets(std::string_view said, const std::vector<std::string>& targets);

// What a proof for another URL is told: the first of them.
std::string expected_target(const std::vector<std::string>& targets);

// base64url(SHA-256) of a token's text: `ath`, `wth`, `tth`.
std::string token_hash(std::string_view token);

// kProofTime: made too long ago, ahead, or before the start.
Judged<void> check_made_at(std::int64_t made_s, const ProofExpected& expected);
// kProofTime: over, or goes on too long.
Judged<void> check_ends_at(std::int64_t ends_s, const ProofExpected& expected);

// The claim as a text of 1 to 256 bytes. kProofMalformed.
Judged<std::string> proof_text(const json::Value& payload, std::string_view name);
// kProofMalformed: absent, no time, or one with a fraction.
Judged<std::int64_t> proof_time(const json::Value& payload, std::string_view name);

// By `cnf` (RFC 7800): the thumbprint `jkt` (RFC 9449, 6.1). Empty: there is no `cnf`. kTokenBound:
// the token is bound in a way that is not understood, so that nobody can be held to it.
Judged<std::string> bound_thumbprint(const json::Value& payload);

// kProofSignature, also when the algorithm does not fit the key.
Judged<void> check_proof_signature(const jose::Jws& jws, const PublicKey& key);
Digest proof_id(std::string_view thumbprint, std::string_view jti);

}  // namespace pawl::identity
