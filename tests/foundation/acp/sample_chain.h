// A graph of two agents, and keys for who signs; for the tests of policy tokens.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "foundation/acp/acp_chain.h"
#include "foundation/acp/acp_wire.h"

namespace pawl::acp {

inline constexpr std::int64_t kNow = 1'772'064'200;
inline constexpr const char* kIssuer = "https://orchestrator.example";
inline constexpr const char* kA = "spiffe://example.org/agent/a";
inline constexpr const char* kB = "spiffe://example.org/agent/b";
inline constexpr const char* kGateway = "spiffe://example.org/pawl/gw1";

inline Uuid id_of(unsigned char n) {
  Uuid out;
  out.bytes.fill(0x11);
  out.bytes[15] = n;
  return out;
}

inline Claims sample_claims() {
  Claims out;
  out.iss = kIssuer;
  out.sub = kA;
  out.aud = {kGateway, "spiffe://example.org/pawl/gw2"};
  out.iat = 1'772'064'150;
  out.exp = 1'772'064'750;
  out.jti = id_of(1);
  out.nodes = {{.id = "n1", .agent = kA, .act = "plan"},
               {.id = "n2", .agent = kB, .act = "ci/deploy"}};
  out.edges = {{"n1", "n2"}};
  out.constraints.push_back({.max_depth = 3, .max_delegations = 3});
  out.constraints[0].allowed_acts = {"plan", "ci/deploy"};
  out.constraints[0].resource_limits = {{"tokens", "count", "1000"}};
  out.gates.push_back({.id = "g1",
                       .trigger = {.type = TriggerType::kAction, .value = "ci/deploy"},
                       .required_role = "release-manager",
                       .fallback_escalates = true,
                       .escalate_to = {"head"}});
  return out;
}

inline const SigningKey& key_of(const std::string& iss) {
  static std::map<std::string, SigningKey> keys;
  const auto found = keys.find(iss);
  return found != keys.end()
             ? found->second
             : keys.emplace(iss, *SigningKey::generate(KeyKind::kP256)).first->second;
}

inline std::string signed_by(const std::string& iss, const Claims& claims) {
  const SigningKey& key = key_of(iss);
  const Result<std::string> out = issue(key, key.public_key().thumbprint(), claims);
  EXPECT_TRUE(out) << out.error().message;
  return out.value_or("");
}

// Only the issuer may begin a chain.
inline KeyFinder sample_keys() {
  return [](Signer signer, std::string_view iss, std::string_view kid) -> Result<PublicKey> {
    const PublicKey key = key_of(std::string(iss)).public_key();
    if ((signer == Signer::kIssuer) != (iss == kIssuer) || kid != key.thumbprint()) {
      return fail(Code::kNotFound, "no such key");
    }
    return key;
  };
}

inline rules::Facts call_of(std::string_view server, std::string_view tool,
                            const json::Value* arguments = nullptr) {
  rules::Facts out;
  out.server = server;
  out.verb = "tool.call";
  out.tool = tool;
  out.arguments = arguments;
  return out;
}

}  // namespace pawl::acp
