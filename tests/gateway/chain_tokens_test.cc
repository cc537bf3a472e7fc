// Tokens that bring the chain of their signer's certificate, on the way of a call.
#include <gtest/gtest.h>

#include "foundation/ect/received_token.h"
#include "path/proof_names.h"
#include "tests/gateway/gateway_rig.h"
#include "tests/support/made_certificates.h"

namespace pawl {
namespace {

using testing::MadeCertificate;
using testing::Wanted;
using testing::wanted_ca;

constexpr const char* kWeb = "spiffe://partner.example/web";
constexpr const char* kTriage = "spiffe://example.org/agent/triage";

class ChainTokens : public ::testing::Test {
 protected:
  ChainTokens() {
    EXPECT_TRUE(authorities.add(ca.der()));
    rig.vouch = [this](const ect::ChainKey& key, std::int64_t at_s) {
      return authorities.verify(key.chain, at_s).map_error([](const ChainFault& fault) {
        return ect::ChainRefusal{fault.is_time ? ect::kReasonChainTime : ect::kReasonChain,
                                 fault.text};
      });
    };
    rig.open();
  }
  std::int64_t now() { return rig.clock.wall().seconds(); }
  MadeCertificate leaf(const std::string& name = kWeb, std::int64_t life_s = 3600) {
    return {{.sans = "URI:" + name, .from_s = now() - 60, .until_s = now() + life_s}, &ca};
  }
  std::string token(const MadeCertificate& signer, const std::string& iss = kWeb,
                    const std::string& aud = kTriage, std::size_t copies = 1,
                    std::optional<Uuid> jti = {}) {
    ect::Claims words;
    words.iss = iss;
    words.aud = {aud};
    words.iat = now();
    words.exp = words.iat + 300;
    words.jti = jti ? *jti : Uuid::v7(rig.clock.wall(), rig.random);
    words.exec_act = "plan.step";
    json::Array x5c;
    for (std::size_t i = 0; i < copies; ++i) {
      x5c.emplace_back(base64_encode(i == 0 ? signer.der() : ca.der()));
    }
    const json::Object header{{"alg", "ES256"}, {"typ", "exec+jwt"}, {"x5c", x5c}};
    return jose::sign_under(base64url_encode(json::print(header)),
                            SigningKey::from_pem(signer.key_pem()).value(), ect::print(words))
        .value();
  }
  // `shown`: what proved the caller.
  CallView& call(const std::string& text, const std::vector<std::string>& shown = {}) {
    Action action = rig.action("tool.call", "read");
    action.parent_tokens = {text};
    action.caller.proven_by = std::make_shared<const std::vector<std::string>>(shown);
    return rig.submit_to_end(std::move(action));
  }
  void expect_refused(const std::string& text, const char* rule, const char* reason) {
    const CallView& view = call(text);
    ASSERT_TRUE(view.refused) << reason;
    EXPECT_EQ(view.refused->rule, rule);
    EXPECT_NE(view.refused->reason.find(reason), std::string::npos) << view.refused->reason;
  }
  static std::string key_of(const MadeCertificate& one) {
    return SigningKey::from_pem(one.key_pem())->public_key().thumbprint();
  }
  static std::string thumbprint_of(const MadeCertificate& one) {
    return CertificateChain::of_der({one.der()})->thumbprint();
  }

  GatewayRig rig;
  MadeCertificate ca{{.name = "partner",
                      .is_ca = true,
                      .key_usage = "critical,keyCertSign",
                      .from_s = 0,
                      .until_s = 4'000'000'000},
                     nullptr};
  CaSet authorities;
};

TEST_F(ChainTokens, CountAndAreKeptWhole) {
  const std::string text = token(leaf());
  ASSERT_TRUE(call(text).released);
  const auto kept = rig.last_kept_token();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, text);
  EXPECT_EQ(kept->issuer, kWeb);
  EXPECT_EQ(kept->level, ect::Level::kL2);
  EXPECT_EQ(kept->wit, "");
}

TEST_F(ChainTokens, WithoutRoomTheDigestIsKept) {
  const std::string text = token(leaf(), kWeb, kTriage, 5);
  ASSERT_TRUE(call(text).released);
  const auto kept = rig.last_kept_token();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, "");
  EXPECT_EQ(kept->digest, digest_text(sha256(text)));
}

// The kid of a certificate's key in somebody's key set, and a rig that trusts everybody's.
TEST_F(ChainTokens, AreNotTriedByOtherKeys) {
  const MadeCertificate stranger(
      {.sans = std::string("URI:") + kWeb, .from_s = now() - 60, .until_s = now() + 60}, nullptr);
  rig.foreign = [&](std::string_view, std::string_view) {
    return Result<PublicKey>(SigningKey::from_pem(stranger.key_pem())->public_key());
  };
  expect_refused(token(stranger), "ect-invalid", "bad_chain");
}

TEST_F(ChainTokens, NobodySignsInOurName) {
  const std::string self = Instance{"example.org", "gw1"}.spiffe();
  expect_refused(token(leaf(self), self), "ect-invalid", "unknown_key");
}

TEST_F(ChainTokens, AreForTheirAudienceAndForWhoShowsTheCertificate) {
  const MadeCertificate web = leaf();
  const std::string text = token(web, kWeb, "spiffe://example.org/agent/else");
  expect_refused(text, "ect-invalid", "wrong_presenter");
  EXPECT_TRUE(call(text, {certificate_name(thumbprint_of(web))}).released);
  EXPECT_TRUE(call(text, {certificate_name(thumbprint_of(leaf()))}).refused);
}

TEST_F(ChainTokens, ARevokedKeyOrCertificateEndsThem) {
  const MadeCertificate web = leaf(), other = leaf();
  const std::string seen = token(web);
  ASSERT_TRUE(call(seen).released);
  rig.revoke(key_name(key_of(web)));
  expect_refused(seen, "ect-revoked", "revoked_key");
  expect_refused(token(web), "ect-revoked", "revoked_key");
  const std::string another = token(other);
  ASSERT_TRUE(call(another).released);
  rig.revoke(certificate_name(thumbprint_of(other)));
  expect_refused(another, "ect-revoked", "revoked_key");
  expect_refused(token(other), "ect-revoked", "revoked_key");
}

// A certificate lives an hour; what it signed is a known parent for ever, and no new one later.
TEST_F(ChainTokens, AreJudgedAsOfTheirRecording) {
  const MadeCertificate web = leaf(kWeb, 120);
  const std::string seen = token(web), kept_back = token(web);
  ASSERT_TRUE(call(seen).released);
  rig.clock.step(std::chrono::seconds(180));
  expect_refused(kept_back, "ect-invalid", "chain_time");
  EXPECT_TRUE(call(seen).released);
  ++rig.foreign_generation;
  EXPECT_TRUE(call(seen).released) << "also where it is verified anew";
  expect_refused(kept_back, "ect-invalid", "chain_time");
}

// Nobody takes an id in the issuer's name by a certificate of yesterday, or by a stolen key.
TEST_F(ChainTokens, WhatCountsNoMoreMakesNoIdKnown) {
  const MadeCertificate revoked = leaf();
  rig.revoke(key_name(key_of(revoked)));
  const Uuid taken = Uuid::v7(rig.clock.wall(), rig.random);
  expect_refused(token(revoked, kWeb, kTriage, 1, taken), "ect-revoked", "revoked_key");
  rig.clock.step(std::chrono::seconds(1));
  EXPECT_TRUE(call(token(leaf(), kWeb, kTriage, 1, taken)).released);
  const Uuid id = Uuid::v7(rig.clock.wall(), rig.random);
  const std::string stolen = token(leaf(kWeb, 60), kWeb, kTriage, 1, id);
  rig.clock.step(std::chrono::seconds(120));
  expect_refused(stolen, "ect-invalid", "chain_time");
  EXPECT_TRUE(call(token(leaf(), kWeb, kTriage, 1, id)).released);
  rig.clock.step(std::chrono::seconds(1));
  expect_refused(token(leaf(), kWeb, kTriage, 1, id), "ect-replay", "equivocation");
}

// What was verified by an authority that was withdrawn does not pass for verified.
TEST_F(ChainTokens, AWithdrawnAuthorityTakesThemAlong) {
  const std::string text = token(leaf());
  ASSERT_TRUE(call(text).released);
  authorities = CaSet();
  ++rig.foreign_generation;
  expect_refused(text, "ect-invalid", "bad_chain");
}

}  // namespace
}  // namespace pawl
