// A configured desk where callers show what they have, and the means to make what they show.
#pragma once

#include <gtest/gtest.h>

#include "foundation/jose/jws.h"
#include "infrastructure/identity/authenticator.h"

namespace pawl::identity {

inline constexpr std::int64_t kNow = 1'772'064'150;
inline constexpr std::string_view kTriageKey = "pawl_triage-key-000001";
inline constexpr std::string_view kDeployKey = "pawl_deploy-key-000002";
inline constexpr std::string_view kIssuer = "https://issuer.example";

inline SigningKey key(int number) {
  static const SigningKey keys[] = {SigningKey::generate(KeyKind::kP256).value(),
                                    SigningKey::generate(KeyKind::kP256).value(),
                                    SigningKey::generate(KeyKind::kEd25519).value()};
  return keys[number];
}

inline std::string jwk(int number, const std::string& kid) {
  const std::string text = key(number).public_key().to_jwk();
  return json::with_member(text, json::whole(text), "kid", json::quote(kid));
}

class FixedKeys : public KeySource {
 public:
  explicit FixedKeys(const std::string& text) {
    if (!text.empty()) {
      keys_ = std::make_shared<const jose::JwkSet>(jose::JwkSet::parse(text).value());
    }
  }
  std::shared_ptr<const jose::JwkSet> keys() override { return keys_; }
  void unknown_key() override {
    ++asked;
    if (next != nullptr) {
      keys_ = next;
    }
  }

  int asked = 0;
  std::shared_ptr<const jose::JwkSet> next;

 private:
  std::shared_ptr<const jose::JwkSet> keys_;
};

struct Desk {
  std::vector<std::pair<Refusal, std::string>> refusals;
  std::shared_ptr<FixedKeys> keys =
      std::make_shared<FixedKeys>(R"({"keys":[)" + jwk(0, "k0") + "," + jwk(2, "k2") + "]}");
  AuthenticatorOptions options;

  Desk() {
    options.trust_domain = "example.org";
    options.agents = {
        {.id = "triage", .groups = {"vendor-a"}, .keys = {key_digest(kTriageKey).value()}},
        {.id = "deploy", .groups = {}, .keys = {key_digest(kDeployKey).value()}}};
    options.issuers = {{.issuer = std::string(kIssuer),
                        .audiences = {"https://gw.example.org/mcp"},
                        .algorithms = {"ES256"},
                        .keys = keys,
                        .groups_claim = "groups",
                        .on_behalf_of_claim = "user"}};
    options.mutual_tls = true;
    options.unix_users = {{1000, {"triage", "deploy"}}};
    options.on_refusal = [this](Refusal refusal, std::string_view detail) {
      refusals.emplace_back(refusal, detail);
    };
  }

  Result<Caller> ask(const Credentials& credentials) {
    refusals.clear();
    const auto made = Authenticator::create(options);
    EXPECT_TRUE(made) << made.error().message;
    return (*made)->authenticate(credentials, WallTime{kNow * 1'000'000});
  }
};

inline json::Object good_claims() {
  return {{"iss", kIssuer},
          {"aud", "https://gw.example.org/mcp"},
          {"sub", "triage"},
          {"iat", kNow - 5},
          {"exp", kNow + 300}};
}

inline std::string jwt(const json::Object& claims, int with = 0, const std::string& kid = "k0",
                       const std::string& typ = "at+jwt") {
  return "Bearer " + jose::sign(key(with), typ, kid, json::print(json::Value(claims))).value();
}

inline std::string bearer(std::string_view token) {
  return "Bearer " + std::string(token);
}

inline void expect_refused(Desk& desk, const Credentials& credentials, Refusal why,
                           const std::string& name) {
  const Result<Caller> caller = desk.ask(credentials);
  ASSERT_FALSE(caller) << name;
  EXPECT_EQ(caller.error().code, Code::kUnauthenticated) << name;
  EXPECT_EQ(caller.error().message, kRefusalText) << name;
  ASSERT_EQ(desk.refusals.size(), 1U) << name;
  EXPECT_EQ(refusal_name(desk.refusals.front().first), refusal_name(why)) << name;
}

}  // namespace pawl::identity
