// A policy token (ACP): who may do what along a graph of delegations, and where a person decides.
//
// Purpose:    the plain values of a token, and their limits.
// Threading:  plain values.
// Source:     docs/formats/acp.md. The draft (ACP-DAG-HITL-00) gives the concepts nodes, edges,
//             constraints, trigger, role and action; every name, and every rule of ours about
//             them, is OURS.
// Not errors: a token that allows nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/uuid.h"

namespace pawl::acp {

inline constexpr std::size_t kMaxTokenBytes = 64 * 1024;  // of compact text
inline constexpr std::size_t kMaxNodes = 256;
inline constexpr std::size_t kMaxEdges = 1024;
inline constexpr std::uint32_t kMaxDepth = 16;  // edges from a root, on the longest way
inline constexpr std::size_t kMaxRules = 64;    // of all constraints together; gates: as many
inline constexpr std::size_t kMaxPatterns = 64, kMaxPatternBytes = 4096;  // of a token's rules
inline constexpr std::size_t kMaxDelegations = 10;
inline constexpr std::size_t kMaxChain = kMaxDelegations + 1;  // tokens, the first one included
inline constexpr std::string_view kChainLength = "chain_length: a chain has 1 to 11 tokens";
inline constexpr std::size_t kMaxSets = 16;    // constraint objects of the graph
inline constexpr std::size_t kMaxListed = 64;  // acts, agents, audiences, limits, roles
inline constexpr std::size_t kMaxUriBytes = 2048;
inline constexpr std::size_t kMaxNameBytes = 256;  // of an act, a node, a role, a resource
inline constexpr std::int64_t kClockSkewSeconds = 30;

struct ResourceLimit {
  std::string resource, unit;
  std::string limit;  // an exact decimal of at least 0
  bool operator==(const ResourceLimit&) const = default;
};

// One constraint object: all that it names must hold.
struct Constraints {
  std::optional<std::uint32_t> max_depth{};        // of the graph only
  std::optional<std::uint32_t> max_delegations{};  // of the graph only: tokens below this one
  std::optional<std::int64_t> not_after{};         // seconds; from then on nothing is allowed
  std::vector<std::string> allowed_acts{};         // empty: any
  std::vector<std::string> allowed_agents{};       // empty: any
  std::vector<ResourceLimit> resource_limits{};
  std::optional<json::Array> rules{};  // docs/formats/rules.md, in JSON; `[]` allows nothing
  bool operator==(const Constraints&) const = default;
};

struct Node {
  std::string id;
  std::string agent;  // URI
  std::string act;    // a verb, the name of a tool, or SERVER/TOOL
  std::optional<Constraints> constraints{};
  bool operator==(const Node&) const = default;
};

struct Edge {
  std::string from, to;  // ids; delegation runs from -> to
  bool operator==(const Edge&) const = default;
};

enum class GateAction { kPause, kEscalate, kAbort };  // from mild to severe
enum class TriggerType { kAction, kNode, kThreshold, kDepth, kError };

struct Trigger {
  TriggerType type = TriggerType::kAction;
  std::string value{};      // an act; the id of a node; a JSON Pointer into the arguments
  std::string above{};      // threshold: an exact decimal
  std::uint32_t depth = 0;  // depth: from this depth on
  bool operator==(const Trigger&) const = default;
};

struct Gate {
  std::string id;
  Trigger trigger{};
  std::string required_role;
  GateAction action = GateAction::kPause;
  std::uint32_t timeout_s = 900;
  bool fallback_escalates = false;         // else the call is aborted when nobody decides
  std::vector<std::string> escalate_to{};  // roles
  bool operator==(const Gate&) const = default;
};

struct Claims {
  std::string iss;  // who signed
  std::string sub;  // who holds the token, and may narrow it further
  std::vector<std::string> aud{};
  std::int64_t iat = 0;  // seconds
  std::int64_t exp = 0;
  Uuid jti{};
  std::optional<Uuid> wid{};
  std::string parent{};  // SHA-256 of the parent's compact text; empty: it has none
  std::vector<Node> nodes{};
  std::vector<Edge> edges{};
  std::vector<Constraints> constraints{};  // all of them hold
  std::vector<Gate> gates{};
  bool operator==(const Claims&) const = default;
};

struct Token {
  Claims claims;
  std::string kid;
  std::string compact;  // as it was presented
  std::string digest;   // of `compact`; 43 characters
};

}  // namespace pawl::acp
