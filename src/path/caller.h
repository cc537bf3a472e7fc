// Who is calling: the identity that rules, limits, stops and records bind to.
//
// Purpose:    the plain result of identification, made only by infrastructure/identity.
// Threading:  a plain value.
// Not errors: `asserted` may hold anything; nothing decides on it but the development mode.
//
// Example:
//   record.agent = spiffe_agent_id(domain, caller.agent);   // spiffe://example.org/agent/triage
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

inline constexpr std::size_t kMaxAgentIdBytes = 128;

// A party of a delegation, as the issuer of a JWT stated it (RFC 8693, section 4.1, `act`).
struct Actor {
  std::string iss;  // may be empty
  std::string sub;
};

struct Caller {
  // How the identity was proven. kNone exists in development mode only. DPoP and WPT
  // prove a key for one request and say nothing about its content; an HTTP message signature binds
  // it.
  enum class Proof {
    kBearerKey,
    kJwt,
    kMutualTls,
    kPeerCredentials,
    kNone,
    kDpop,
    kWpt,
    kHttpSignature
  };

  std::string agent;                // an agent id, see is_agent_id
  std::vector<std::string> groups;  // sorted, unique
  std::string on_behalf_of;         // as the issuer of a JWT stated; may be empty
  // The party that acts now, then those that acted before, the latest first. For records only: by
  // RFC 8693 who acted before decides nothing.
  std::vector<Actor> actors{};
  Proof proof = Proof::kNone;
  std::map<std::string, std::string> asserted;  // what the client calls itself (clientInfo ...)
  // The keys, certificates and tokens that proved it, as revocations name them ("key:KID"). Shared,
  // for it is the same in each request; nullptr: nothing that could be revoked by itself.
  std::shared_ptr<const std::vector<std::string>> proven_by{};
};

// The name on the wire, in records and in metrics.
inline std::string_view proof_name(Caller::Proof proof) {
  switch (proof) {
    case Caller::Proof::kBearerKey:
      return "bearer_key";
    case Caller::Proof::kJwt:
      return "jwt";
    case Caller::Proof::kMutualTls:
      return "mutual_tls";
    case Caller::Proof::kPeerCredentials:
      return "peer_credentials";
    case Caller::Proof::kNone:
      return "none";
    case Caller::Proof::kDpop:
      return "dpop_request_only";
    case Caller::Proof::kWpt:
      return "wpt_request_only";
    case Caller::Proof::kHttpSignature:
      return "http_signature";
  }
  return "none";
}

// An agent id is one SPIFFE path segment: 1..128 of A-Z a-z 0-9 . _ - and neither "." nor "..".
inline bool is_agent_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= kMaxAgentIdBytes && id != "." && id != ".." &&
         std::all_of(id.begin(), id.end(), allowed);
}

inline std::string spiffe_agent_id(std::string_view trust_domain, std::string_view agent) {
  std::string id = "spiffe://";
  return id.append(trust_domain).append("/agent/").append(agent);
}

}  // namespace pawl
