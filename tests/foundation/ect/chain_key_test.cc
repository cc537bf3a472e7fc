// Tokens that bring the chain of their signer's certificate. Chains are made here.
#include "foundation/ect/chain_key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/ect/ect.h"
#include "foundation/ect/wit_key.h"
#include "tests/foundation/ect/sample_claims.h"
#include "tests/support/made_certificates.h"

namespace pawl::ect {
namespace {

using testing::MadeCertificate;
using testing::Wanted;
using testing::wanted_ca;

constexpr const char* kWeb = "spiffe://partner.example/web";
const std::string kSan = std::string("URI:") + kWeb;
// Of made certificates.
constexpr std::int64_t kFrom = 1'772'000'000, kUntil = 1'773'000'000;

json::Array x5c_of(const std::vector<MadeCertificate>& chain) {
  json::Array out;
  for (const MadeCertificate& one : chain) {
    out.emplace_back(base64_encode(one.der()));
  }
  return out;
}

Claims words(const std::string& iss = kWeb) {
  Claims out = sample_claims();
  out.iss = iss;
  return out;
}

std::string signed_by(const MadeCertificate& signer, const json::Object& header,
                      const Claims& claims = words()) {
  const SigningKey key = SigningKey::from_pem(signer.key_pem()).value();
  json::Object all{{"alg", "ES256"}, {"typ", "exec+jwt"}};
  for (const auto& [name, value] : header) {
    all[name] = value;
  }
  return jose::sign_under(base64url_encode(json::print(all)), key, print(claims)).value();
}

// Its authority, an authority below it, and a workload of each.
class ChainKeyTest : public ::testing::Test {
 protected:
  ChainKeyTest() {
    EXPECT_TRUE(authorities.add(ca.der()));
    options.now = WallTime{kSampleTime * 1'000'000};
    options.vouch = [this](const ChainKey& key, std::int64_t at_s) {
      ++asked;
      return authorities.verify(key.chain, at_s).map_error([](const ChainFault& fault) {
        return ChainRefusal{fault.is_time ? kReasonChainTime : kReasonChain, fault.text};
      });
    };
  }
  // Any key set would know the kid: it must not be asked.
  Result<Token> verified(const std::string& token) {
    return verify_signed(
        token,
        [this](std::string_view, std::string_view) {
          ++key_sets;
          return Result<PublicKey>(SigningKey::from_pem(leaf.key_pem())->public_key());
        },
        options);
  }
  MadeCertificate made(const Wanted& wanted) { return {wanted, &ca}; }

  MadeCertificate ca{wanted_ca("partner"), nullptr};
  MadeCertificate sub{wanted_ca("sub"), &ca};
  MadeCertificate leaf{{.sans = kSan}, &ca};
  MadeCertificate below{{.sans = kSan}, &sub};
  CaSet authorities;
  VerifyOptions options;
  int asked = 0, key_sets = 0;
};

TEST_F(ChainKeyTest, ATokenOfACertificateVerifiesByIt) {
  const std::string key = SigningKey::from_pem(leaf.key_pem())->public_key().thumbprint();
  const std::string certificate = CertificateChain::of_der({leaf.der()})->thumbprint();
  const std::pair<const char*, json::Object> cases[] = {
      {"alone", {{"x5c", x5c_of({leaf})}}},
      {"with its authority", {{"x5c", x5c_of({leaf, ca})}}},
      {"kid is the key's", {{"x5c", x5c_of({leaf})}, {"kid", key}}},
      {"kid is the certificate's", {{"x5c", x5c_of({leaf})}, {"kid", certificate}}},
      {"x5t#S256", {{"x5c", x5c_of({leaf})}, {"x5t#S256", certificate}}},
  };
  for (const auto& [name, header] : cases) {
    const std::string compact = signed_by(leaf, header);
    const Result<Token> token = verified(compact);
    ASSERT_TRUE(token) << name << ": " << token.error().message;
    EXPECT_EQ(token->kid, key) << name;
    ASSERT_TRUE(token->chain) << name;
    EXPECT_EQ(token->chain->certificate, certificate);
    EXPECT_EQ(token->chain->validity.until_s, kUntil);
    EXPECT_TRUE(check_presented(*token, options));
    EXPECT_TRUE(brings_chain(compact));
  }
  const Result<Token> deeper = verified(signed_by(below, {{"x5c", x5c_of({below, sub})}}));
  ASSERT_TRUE(deeper) << deeper.error().message;
  EXPECT_EQ(key_sets, 0);
}

TEST_F(ChainKeyTest, EachRuleIsHeldTo) {
  const MadeCertificate other_ca(wanted_ca("other"), nullptr), stranger({.sans = kSan}, &other_ca);
  const MadeCertificate two = made({.sans = kSan + ",URI:spiffe://partner.example/x"});
  const MadeCertificate none = made({.sans = "DNS:web.partner.example"});
  const MadeCertificate authority = made({.sans = kSan, .is_ca = true});
  const MadeCertificate signs = made({.sans = kSan, .key_usage = "digitalSignature,keyCertSign"});
  const MadeCertificate encrypts = made({.sans = kSan, .key_usage = "keyEncipherment"});
  const MadeCertificate untold = made({.sans = kSan, .key_usage = ""});
  const MadeCertificate expired = made({.sans = kSan, .until_s = kSampleTime - 60});
  const MadeCertificate weak = made({.sans = kSan, .weak = true});
  const MadeCertificate server = made({.sans = kSan, .purposes = "serverAuth"});
  const json::Array good = x5c_of({leaf});
  const std::string text(good.front().get_string());
  const std::string url = base64url_encode(leaf.der());
  struct Case {
    const char* name;
    std::string token;
    const char* why;
  };
  const auto of = [&](const MadeCertificate& signer) {
    return signed_by(signer, {{"x5c", x5c_of({signer})}});
  };
  const auto with = [&](const json::Value& x5c, json::Object more = {}) {
    more["x5c"] = x5c;
    return signed_by(leaf, more);
  };
  const Case cases[] = {
      {"an authority of another domain", of(stranger), "bad_chain"},
      {"without the one between", signed_by(below, {{"x5c", x5c_of({below})}}), "bad_chain"},
      {"a weak signature", of(weak), "bad_chain"},
      {"for servers only", of(server), "bad_chain"},
      {"expired", of(expired), "chain_time"},
      {"two names", of(two), "bad_certificate"},
      {"no name", of(none), "bad_certificate"},
      {"an authority", of(authority), "bad_certificate"},
      {"it signs certificates", of(signs), "bad_certificate"},
      {"the authority first", signed_by(leaf, {{"x5c", x5c_of({ca, leaf})}}), "bad_certificate"},
      {"swapped", signed_by(below, {{"x5c", x5c_of({sub, below})}}), "bad_certificate"},
      {"not for signatures", of(encrypts), "bad_certificate"},
      {"it does not say what for", of(untold), "bad_certificate"},
      {"another key", signed_by(below, {{"x5c", good}}), "bad_signature"},
      {"another issuer", signed_by(leaf, {{"x5c", good}}, words("spiffe://partner.example/x")),
       "wrong_issuer"},
      {"six", with(x5c_of({leaf, ca, ca, ca, ca, ca})), "bad_x5c"},
      {"none", with(json::Array{}), "bad_x5c"},
      {"null", with(nullptr), "bad_x5c"},
      {"a text", with(text.c_str()), "bad_x5c"},
      {"a number", with(json::Array{7}), "bad_x5c"},
      {"base64url", with(json::Array{json::Value(url)}), "bad_x5c"},
      {"a line end", with(json::Array{json::Value(text + "\n")}), "bad_x5c"},
      {"no certificate", with(json::Array{"AAAA"}), "bad_x5c"},
      {"bytes behind it", with(json::Array{json::Value(base64_encode(leaf.der() + "x"))}),
       "bad_x5c"},
      {"jwk, too", with(good, {{"jwk", json::Object{}}}), "bad_x5c"},
      {"jku, too", with(good, {{"jku", "https://partner.example/keys"}}), "bad_x5c"},
      {"x5u, too", with(good, {{"x5u", "https://partner.example/x"}}), "bad_x5c"},
      {"another kid", with(good, {{"kid", "k"}}), "bad_x5c"},
      {"another thumbprint", with(good, {{"x5t#S256", std::string(43, 'A').c_str()}}), "bad_x5c"},
      {"a thumbprint that is none", with(good, {{"x5t#S256", 7}}), "bad_x5c"},
      {"an algorithm of another key", with(good, {{"alg", "EdDSA"}}), "bad_alg"},
      {"an algorithm that is not admitted", with(good, {{"alg", "ES384"}}), "bad_alg"},
  };
  options.algorithms = {"ES256", "EdDSA"};
  for (const Case& one : cases) {
    Result<Token> token = verified(one.token);
    const Status presented = token ? check_presented(*token, options) : fail(token.error());
    ASSERT_FALSE(presented) << one.name;
    EXPECT_EQ(presented.error().code, Code::kTokenInvalid);
    EXPECT_EQ(presented.error().message.substr(0, presented.error().message.find(':')), one.why)
        << one.name << ": " << presented.error().message;
  }
  EXPECT_EQ(key_sets, 0) << "no other key was tried";
}

// No key set that happens to know the kid is asked instead.
TEST_F(ChainKeyTest, WhereNobodyVouchesNoOtherKeyCounts) {
  options.vouch = {};
  const std::string key = SigningKey::from_pem(leaf.key_pem())->public_key().thumbprint();
  const Result<Token> token = verified(signed_by(leaf, {{"x5c", x5c_of({leaf})}, {"kid", key}}));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().message.rfind("unknown_key", 0), 0U) << token.error().message;
  EXPECT_EQ(key_sets, 0);
  const json::Value jwk =
      json::parse(SigningKey::from_pem(leaf.key_pem())->public_key().to_jwk())->value;
  const WitKey wit{kWeb, PublicKey::from_jwk(jwk).value(), "ES256"};
  const std::string compact = signed_by(leaf, {{"x5c", x5c_of({leaf})}});
  EXPECT_FALSE(is_of_wit(compact, wit));
  EXPECT_FALSE(verify_by_wit(compact, wit, options));
}

// A certificate of an hour: what it signed can be looked at later, and is not new then.
TEST_F(ChainKeyTest, WhoTakesATokenLooksAtTheTimeOfItsChain) {
  const std::string compact = signed_by(leaf, {{"x5c", x5c_of({leaf})}});
  options.now = WallTime{(kUntil + 60) * 1'000'000};
  const Result<Token> later = verified(compact);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(asked, 2) << "now, and when it was made";
  EXPECT_FALSE(check_presented(*later, options));
  options.check_times = false;
  EXPECT_TRUE(check_presented(*later, options)) << "it is recorded";
  Claims old = words();
  old.iat = kFrom - 60;
  EXPECT_FALSE(verified(signed_by(leaf, {{"x5c", x5c_of({leaf})}}, old)));
}

}  // namespace
}  // namespace pawl::ect
