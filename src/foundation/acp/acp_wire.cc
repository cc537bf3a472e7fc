#include "foundation/acp/acp_wire.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "foundation/acp/acp_patterns.h"
#include "foundation/acp/member_reader.h"
#include "foundation/crypto/sha256.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/names.h"
#include "foundation/schema/decimal.h"

namespace pawl::acp {
namespace {

using jose::refuse;

constexpr std::int64_t kLastSecond = 253'402'300'799;  // end of the year 9999
constexpr std::int64_t kMaxTimeout = 30 * 24 * 3600;
constexpr std::size_t kDigestCharacters = 43;
constexpr std::size_t kMaxIdBytes = 64;

// Elements of a list, each read by `read`; the first fault ends it.
template <class Read>
auto each(MemberReader& from, std::string_view name, std::size_t most, const Read& read) {
  std::vector<typename decltype(read(json::Value()))::value_type> out;
  for (const json::Value& one : from.array(name, most)) {
    auto element = read(one);
    if (!element) {
      from.fault(element.error());
      break;
    }
    out.push_back(*std::move(element));
  }
  return out;
}

Result<ResourceLimit> read_limit(const json::Value& value) {
  MemberReader in(value, "resource_limits", "unknown_constraint");
  ResourceLimit out{in.text(names::kAcpResource, kMaxNameBytes),
                    in.text(names::kAcpUnit, kMaxNameBytes), in.decimal(names::kAcpLimit)};
  if (const Status good = in.done(); !good) {
    return fail(good.error());
  }
  if (schema::Decimal::from_text(out.limit)->negative) {
    return refuse("bad_limit: resource_limits.limit: expected a number of at least 0");
  }
  return out;
}

Result<Node> read_node(const json::Value& value) {
  MemberReader in(value, "node");
  Node out{in.text(names::kAcpNodeId, kMaxIdBytes), in.text(names::kAcpAgent, kMaxUriBytes),
           in.text(names::kAcpAct, kMaxNameBytes)};
  if (in.has(names::kAcpConstraints)) {
    Result<Constraints> constraints = read_constraints(in.value(names::kAcpConstraints), true);
    if (!constraints) {
      return fail(constraints.error());
    }
    out.constraints = *std::move(constraints);
  }
  return in.done().map([&] { return std::move(out); });
}

Result<Edge> read_edge(const json::Value& value) {
  MemberReader in(value, "edge");
  Edge out{in.text(names::kAcpFrom, kMaxIdBytes), in.text(names::kAcpTo, kMaxIdBytes)};
  return in.done().map([&] { return std::move(out); });
}

Result<Trigger> read_trigger(const json::Value& value) {
  MemberReader in(value, "trigger", "unknown_trigger");
  const std::string type = in.text(names::kAcpTriggerType, kMaxIdBytes);
  Trigger out;
  if (type == names::kAcpOnAction || type == names::kAcpOnNode) {
    out.type = type == names::kAcpOnNode ? TriggerType::kNode : TriggerType::kAction;
    out.value = in.text(names::kAcpTriggerValue, kMaxNameBytes);
  } else if (type == names::kAcpOnThreshold) {
    out.type = TriggerType::kThreshold;
    out.value = in.text(names::kAcpTriggerValue, kMaxNameBytes);
    out.above = in.decimal(names::kAcpAbove);
  } else if (type == names::kAcpOnDepth) {
    out.type = TriggerType::kDepth;
    out.depth = static_cast<std::uint32_t>(in.number(names::kAcpTriggerValue, 0, kMaxDepth));
  } else if (type == names::kAcpOnError) {
    out.type = TriggerType::kError;
  } else if (const Status good = in.done(); good || !type.empty()) {
    return refuse("unknown_trigger: trigger.type: " + type);
  }
  return in.done().map([&] { return std::move(out); });
}

Result<GateAction> read_action(const std::string& name) {
  for (const auto& [known, action] : {std::pair{names::kAcpPause, GateAction::kPause},
                                      std::pair{names::kAcpEscalate, GateAction::kEscalate},
                                      std::pair{names::kAcpAbort, GateAction::kAbort}}) {
    if (name == known) {
      return action;
    }
  }
  return refuse("unknown_action: expected pause, escalate or abort");
}

std::vector<Constraints> read_sets(MemberReader& dag) {
  if (!dag.has(names::kAcpConstraints)) {
    return {};
  }
  if (dag.value(names::kAcpConstraints).is_array()) {
    return each(dag, names::kAcpConstraints, kMaxSets,
                [](const json::Value& one) { return read_constraints(one, false); });
  }
  Result<Constraints> one = read_constraints(dag.value(names::kAcpConstraints), false);
  if (!one) {
    dag.fault(one.error());
    return {};
  }
  std::vector<Constraints> out;
  out.push_back(*std::move(one));
  return out;
}

std::size_t rules_in(const Claims& claims) {
  std::size_t count = 0;
  const auto add = [&](const Constraints& one) { count += one.rules ? one.rules->size() : 0; };
  std::for_each(claims.constraints.begin(), claims.constraints.end(), add);
  for (const Node& node : claims.nodes) {
    if (node.constraints) {
      add(*node.constraints);
    }
  }
  return count;
}

Status read_policy(MemberReader& in, Claims& out) {
  MemberReader dag(in.value(names::kAcpDag), "dag");
  out.nodes = each(dag, names::kAcpNodes, kMaxNodes, read_node);
  out.edges = each(dag, names::kAcpEdges, kMaxEdges, read_edge);
  out.constraints = read_sets(dag);
  if (const Status good = dag.done(); !good) {
    return good;
  }
  MemberReader hitl(in.value(names::kAcpHitl), "hitl");
  out.gates = each(hitl, names::kAcpRules, kMaxRules, read_gate);
  if (const Status good = hitl.done(); !good) {
    return good;
  }
  for (std::size_t i = 0; i < out.gates.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) {
      if (out.gates[i].id == out.gates[other].id) {
        return refuse("duplicate_gate: two rules of hitl have the id " + out.gates[i].id);
      }
    }
  }
  if (rules_in(out) > kMaxRules) {
    return refuse("too_many: at most 64 rules in a token");
  }
  const PatternUse patterns = patterns_in(out);
  return patterns.count > kMaxPatterns || patterns.bytes > kMaxPatternBytes
             ? Status(refuse("too_many: at most 64 patterns in the rules of a token, of 4096 bytes "
                             "in all"))
             : Status();
}

Uuid read_id(MemberReader& in, std::string_view name) {
  const Result<Uuid> id = Uuid::parse(in.text(name, kMaxIdBytes));
  if (!id || id->is_nil()) {
    in.fault({Code::kTokenInvalid, "bad_" + std::string(name) + ": expected a UUID"});
    return {};
  }
  return *id;
}

std::vector<std::string> read_audience(MemberReader& in) {
  return in.has(names::kClaimAud) && in.value(names::kClaimAud).is_string()
             ? std::vector{in.text(names::kClaimAud, kMaxUriBytes)}
             : in.texts(names::kClaimAud, kMaxListed, kMaxUriBytes);
}

}  // namespace

Result<Constraints> read_constraints(const json::Value& value, bool of_node) {
  MemberReader in(value, "constraints", "unknown_constraint");
  Constraints out;
  if (!of_node && in.has(names::kAcpMaxDepth)) {
    out.max_depth = static_cast<std::uint32_t>(in.number(names::kAcpMaxDepth, 0, kMaxDepth));
  }
  if (!of_node && in.has(names::kAcpMaxDelegations)) {
    out.max_delegations =
        static_cast<std::uint32_t>(in.number(names::kAcpMaxDelegations, 0, kMaxDelegations));
  }
  if (in.has(names::kAcpNotAfter)) {
    out.not_after = in.number(names::kAcpNotAfter, 0, kLastSecond);
  }
  if (in.has(names::kAcpAllowedActs)) {
    out.allowed_acts = in.texts(names::kAcpAllowedActs, kMaxListed, kMaxNameBytes);
  }
  if (in.has(names::kAcpAllowedAgents)) {
    out.allowed_agents = in.texts(names::kAcpAllowedAgents, kMaxListed, kMaxUriBytes);
  }
  if (in.has(names::kAcpResourceLimits)) {
    out.resource_limits = each(in, names::kAcpResourceLimits, kMaxListed, read_limit);
    if (out.resource_limits.empty()) {
      in.fault({Code::kTokenInvalid, "bad_resource_limits: expected at least one"});
    }
  }
  if (in.has(names::kAcpRules)) {
    out.rules = json::Array(in.array(names::kAcpRules, kMaxRules), {});
  }
  return in.done().map([&] { return std::move(out); });
}

Result<Gate> read_gate(const json::Value& value) {
  MemberReader in(value, "hitl.rules");
  Gate out;
  out.id = in.text(names::kAcpRuleId, kMaxIdBytes);
  const json::Value& trigger = in.value(names::kAcpTrigger);
  out.required_role = in.text(names::kAcpRole, kMaxNameBytes);
  const std::string action = in.text(names::kAcpAction, kMaxIdBytes);
  if (in.has(names::kAcpTimeout)) {
    out.timeout_s = static_cast<std::uint32_t>(in.number(names::kAcpTimeout, 1, kMaxTimeout));
  }
  if (in.has(names::kAcpFallback)) {
    const std::string fallback = in.text(names::kAcpFallback, kMaxIdBytes);
    out.fallback_escalates = fallback == names::kAcpEscalate;
    if (!out.fallback_escalates && fallback != names::kAcpAbort) {
      in.fault({Code::kTokenInvalid, "bad_fallback: expected abort or escalate"});
    }
  }
  if (in.has(names::kAcpEscalateTo)) {
    out.escalate_to = in.texts(names::kAcpEscalateTo, kMaxListed, kMaxNameBytes);
  }
  if (const Status good = in.done(); !good) {
    return fail(good.error());
  }
  Result<Trigger> read = read_trigger(trigger);
  const Result<GateAction> does = read ? read_action(action) : fail(read.error());
  if (!does) {
    return fail(does.error());
  }
  out.trigger = *std::move(read);
  out.action = *does;
  if ((out.action == GateAction::kEscalate || out.fallback_escalates) && out.escalate_to.empty()) {
    return refuse("bad_escalate_to: rule " + out.id + " escalates, and names no role for it");
  }
  return out;
}

Result<Claims> read_claims(std::string_view payload) {
  const Result<json::Parsed> parsed = json::parse(payload, {.max_bytes = kMaxTokenBytes});
  if (!parsed) {
    return refuse("malformed", parsed.error());
  }
  if (!parsed->lossy_numbers.empty()) {
    return refuse("lossy_number: the number at " + parsed->lossy_numbers.front() +
                  " changes when it is read");
  }
  MemberReader in(parsed->value, "token");
  Claims out;
  out.iss = in.text(names::kClaimIss, kMaxUriBytes);
  out.sub = in.text(names::kClaimSub, kMaxUriBytes);
  out.aud = read_audience(in);
  out.iat = in.number(names::kClaimIat, 0, kLastSecond);
  out.exp = in.number(names::kClaimExp, 0, kLastSecond);
  out.jti = read_id(in, names::kClaimJti);
  if (in.has(names::kClaimWid)) {
    out.wid = read_id(in, names::kClaimWid);
  }
  if (in.has(names::kAcpParent)) {
    out.parent = in.text(names::kAcpParent, kDigestCharacters);
    const Result<std::string> bytes = base64url_decode(out.parent);
    if (!bytes || bytes->size() != sizeof(Digest)) {
      in.fault({Code::kTokenInvalid, "bad_parent: expected 43 characters of base64url"});
    }
  }
  if (const Status policy = read_policy(in, out); !policy) {
    in.fault(policy.error());
  }
  if (const Status good = in.done(); !good) {
    return fail(good.error());
  }
  if (out.exp <= out.iat) {
    return refuse("bad_exp: exp must be later than iat");
  }
  return out;
}

Result<Token> read(const jose::Jws& jws) {
  if (jws.typ != names::kTypAcp) {
    return refuse("bad_type: expected acp+jwt");
  }
  if (jws.kid.empty()) {
    return refuse("missing_kid: the header must name the key");
  }
  return read_claims(jws.payload_text).map([&](Claims claims) {
    return Token{std::move(claims), jws.kid, jws.compact, digest_text(sha256(jws.compact))};
  });
}

Result<std::string> issue(const SigningKey& key, std::string_view kid, const Claims& claims) {
  const std::string payload = print(claims);
  const Result<Claims> back = read_claims(payload);
  if (!back) {
    return fail(back.error());
  }
  Result<std::string> compact = jose::sign(key, names::kTypAcp, kid, payload);
  if (compact && compact->size() > kMaxTokenBytes) {
    return refuse("too_large: a token has at most 65536 bytes");
  }
  return compact;
}

}  // namespace pawl::acp
