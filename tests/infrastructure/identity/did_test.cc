#include "infrastructure/identity/did.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace pawl::identity {
namespace {

// The example of the did:jwk method, and of did:key one key each that the method's tests have.
constexpr std::string_view kJwk =
    R"({"crv":"P-256","kty":"EC","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",)"
    R"("y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"})";

TEST(Did, AJwkIsTheIdentifier) {
  const std::string did = "did:jwk:" + base64url_encode(kJwk);
  const Result<jose::JwkSet> keys = keys_of_did(did);
  ASSERT_TRUE(keys) << keys.error().message;
  const PublicKey expected = *PublicKey::from_jwk(json::parse(kJwk)->value);
  for (const std::string& kid : {did + "#0", std::string("#0")}) {
    ASSERT_NE(keys->find(kid), nullptr) << kid;
    EXPECT_EQ(keys->find(kid)->thumbprint(), expected.thumbprint());
  }
  EXPECT_EQ(keys->find("0"), nullptr);
}

TEST(Did, AKeyOfEachKindIsRead) {
  const std::string ed = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
  const std::string p256 = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
  const Result<jose::JwkSet> first = keys_of_did("did:key:" + ed);
  ASSERT_TRUE(first) << first.error().message;
  const PublicKey* key = first->find("did:key:" + ed + "#" + ed);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->kind(), KeyKind::kEd25519);
  EXPECT_NE(first->find("#" + ed), nullptr);
  const Result<jose::JwkSet> second = keys_of_did("did:key:" + p256);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->find("#" + p256)->kind(), KeyKind::kP256);
}

TEST(Did, WhatIsNoKeyIsRefused) {
  for (const std::string& did :
       {std::string("did:web:example.org"), std::string("did:key:"), std::string("did:key:z"),
        std::string("did:key:z0OIl"), std::string("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2"),
        std::string("did:key:uAAAA"), "did:key:z" + std::string(200, '1'), std::string("did:jwk:"),
        std::string("did:jwk:e30"), "did:jwk:" + base64url_encode(R"({"kty":"oct","k":"AAAA"})"),
        "did:jwk:" + base64url_encode(kJwk) + "=", "did:jwk:" + std::string(3000, 'A')}) {
    EXPECT_FALSE(keys_of_did(did)) << did;
  }
  // No point: its x is larger than the field.
  EXPECT_FALSE(keys_of_did("did:key:zDnaehfHR8Q5U7ckmLQfuZ3eGEypooJ46zzjRQ1AR9asDvdnv"));
}

TEST(Did, ASourceGivesTheSameSet) {
  DidKeySource source(*keys_of_did("did:jwk:" + base64url_encode(kJwk)));
  const auto before = source.keys();
  source.unknown_key();
  EXPECT_EQ(source.keys(), before);
  EXPECT_TRUE(looks_like_did("did:jwk:x"));
  EXPECT_FALSE(looks_like_did("https://did.example"));
}

}  // namespace
}  // namespace pawl::identity
