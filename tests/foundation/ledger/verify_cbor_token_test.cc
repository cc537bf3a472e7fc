#include "foundation/ledger/verify_cbor_token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/ect_cbor.h"

namespace pawl::ledger {
namespace {

ect::Claims claims() {
  ect::Claims out;
  out.iss = "spiffe://example.org/pawl/gw1";
  out.aud = {"spiffe://example.org/pawl/ledger"};
  out.iat = 1'772'064'150;
  out.exp = out.iat + 600;
  out.jti.bytes[0] = 1;
  out.exec_act = "tool.call";
  return out;
}

Trust trust_of(const SigningKey& key) {
  const std::string jwk = key.public_key().to_jwk();
  Trust trust;
  trust.token_keys = *jose::JwkSet::parse(R"({"keys":[{"kid":"k1",)" + jwk.substr(1) + "]}");
  return trust;
}

// A token alone is never proven good: a ledger's proof is missing.
TEST(VerifyCborToken, TheTable) {
  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const SigningKey other = *SigningKey::generate(KeyKind::kP256);
  const std::string bytes = *ect::issue_cbor(key, "k1", claims());
  std::string altered = bytes;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  const struct {
    std::string what, text;
    std::optional<Trust> trust;
    Verdict verdict;
    std::string_view reason;
    std::uint64_t verified;
  } rows[] = {
      {"its bytes", bytes, trust_of(key), Verdict::kUnknown, "\"k1\" signed token", 1},
      {"its text", base64url_encode(bytes), trust_of(key), Verdict::kUnknown, "signed token", 1},
      {"no keys", bytes, std::nullopt, Verdict::kUnknown, "keys that you trust", 0},
      {"another kid", *ect::issue_cbor(key, "k2", claims()), trust_of(key), Verdict::kUnknown,
       "no token key with kid \"k2\"", 0},
      {"another key", bytes, trust_of(other), Verdict::kBad, "bad_signature", 0},
      {"altered", altered, trust_of(key), Verdict::kBad, "bad_signature", 0},
      {"cut off", bytes.substr(0, bytes.size() - 1), trust_of(key), Verdict::kBad, "malformed", 0},
      {"cut off, without keys", bytes.substr(0, 40), std::nullopt, Verdict::kBad, "malformed", 0},
  };
  for (const auto& row : rows) {
    EXPECT_TRUE(looks_like_cbor_token(row.text)) << row.what;
    const Report report = verify_cbor_token(row.text, row.trust);
    EXPECT_EQ(report.verdict, row.verdict) << row.what << ": " << report.reason;
    EXPECT_NE(report.reason.find(row.reason), std::string::npos) << row.what << report.reason;
    EXPECT_EQ(report.tokens_verified, row.verified) << row.what;
  }
  EXPECT_FALSE(looks_like_cbor_token(*ect::issue(key, "k1", claims())));
}

}  // namespace
}  // namespace pawl::ledger
