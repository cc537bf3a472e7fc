// The key of a token that brings a certificate chain in its header (x5c; RFC 7515, 4.1.6).
//
// Purpose:    an issuer that is known by the authorities of its trust domain needs no key set: the
//             leaf's one URI name is the token's `iss`, and its key signed the token.
// Threading:  pure functions, plain values.
// Errors:     kTokenInvalid with the reason in front: "bad_x5c" (the header), "bad_certificate"
//             (the leaf), "bad_alg", "wrong_issuer", and what the voucher says.
// Not errors: certificates that no path needs, and an `x5t` (SHA-1), which is not looked at.
// Rule:       whoever brings a chain is judged by it alone: no key set is asked, whatever kid says.
// Source:     docs/formats/ect.md, "Tokens with a certificate chain". That X.509 is a
//             profile is CERTAIN, that its chain stands in the header PROBABLE, the rest OURS.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "foundation/crypto/certificate_chain.h"
#include "foundation/jose/jws.h"

namespace pawl::ect {

inline constexpr std::size_t kMaxChainLength = 5;  // of x5c, the leaf included

struct ChainKey {
  CertificateChain chain;
  PublicKey key;        // of the leaf
  std::string subject;  // its one URI name
};

// Why nobody vouches for a chain: a reason of a token, and words behind it.
struct ChainRefusal {
  std::string_view reason;
  std::string text;
};
inline constexpr std::string_view kReasonChain = "bad_chain";
inline constexpr std::string_view kReasonChainTime = "chain_time";  // they do at another time
inline constexpr std::string_view kReasonLeaf = "bad_certificate";
inline constexpr std::string_view kReasonUntrusted = "unknown_key";

// Whether the authorities of the leaf's domain, and of no other, vouch for a chain at a time
// (seconds); when all certificates of the path hold.
using ChainVoucher =
    std::function<tl::expected<Validity, ChainRefusal>(const ChainKey& key, std::int64_t at_s)>;

// What is known of a token's chain once it was verified.
struct ChainFacts {
  std::string certificate;  // the leaf's thumbprint: SHA-256 of its DER form, base64url
  Validity validity{};
};
struct VouchedKey {
  PublicKey key;
  ChainFacts facts;
};

// Whether the header has the member, whatever is in it.
bool brings_chain(const jose::Jws& jws);
bool brings_chain(const std::string& compact);  // false also for what is no JWS
// What the header says: nobody vouched for it.
Result<ChainKey> read_chain_key(const jose::Jws& jws);
// The key, of exactly this issuer. It is vouched for at `now_s`; else, if only the time is wrong,
// when the token says that it was made: whoever takes it looks at the validity.
Result<VouchedKey> vouched_key(const jose::Jws& jws, std::string_view iss,
                               const ChainVoucher& vouch, std::int64_t now_s);

}  // namespace pawl::ect
