#include "foundation/acp/acp_attenuate.h"

#include <algorithm>
#include <utility>

#include "foundation/acp/acp_wire.h"
#include "foundation/acp/member_reader.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/names.h"

namespace pawl::acp {
namespace {

using jose::refuse;

constexpr std::int64_t kLastSecond = 253'402'300'799;
constexpr std::size_t kMaxIdBytes = 64;

Status keep_nodes(Claims& claims, const std::vector<std::string>& kept) {
  const auto stays = [&](const std::string& id) {
    return std::find(kept.begin(), kept.end(), id) != kept.end();
  };
  for (const std::string& id : kept) {
    if (std::none_of(claims.nodes.begin(), claims.nodes.end(),
                     [&](const Node& node) { return node.id == id; })) {
      return refuse("bad_nodes: the parent has no node " + id);
    }
  }
  std::erase_if(claims.nodes, [&](const Node& node) { return !stays(node.id); });
  std::erase_if(claims.edges, [&](const Edge& e) { return !stays(e.from) || !stays(e.to); });
  return {};
}

Status count_delegation(Claims& claims) {
  for (Constraints& one : claims.constraints) {
    if (one.max_delegations == 0) {
      return refuse("wider_delegations: the parent may not be delegated any more");
    }
    if (one.max_delegations) {
      --*one.max_delegations;
    }
  }
  return {};
}

void add_gates(Claims& claims, const std::vector<Gate>& gates) {
  for (const Gate& gate : gates) {
    const auto same = std::find_if(claims.gates.begin(), claims.gates.end(),
                                   [&](const Gate& one) { return one.id == gate.id; });
    if (same == claims.gates.end()) {
      claims.gates.push_back(gate);
    } else {
      *same = gate;
    }
  }
}

Status read_sets(MemberReader& in, Narrowing& out) {
  const json::Value& value = in.value(names::kAcpConstraints);
  const json::Array one{value};
  for (const json::Value& set : value.is_array() ? value.get_array() : one) {
    Result<Constraints> read = read_constraints(set, false);
    if (!read) {
      return fail(read.error());
    }
    out.constraints.push_back(*std::move(read));
  }
  return {};
}

Status read_gates(MemberReader& in, Narrowing& out) {
  MemberReader hitl(in.value(names::kAcpHitl), "hitl");
  for (const json::Value& one : hitl.array(names::kAcpRules, kMaxRules)) {
    Result<Gate> gate = read_gate(one);
    if (!gate) {
      return fail(gate.error());
    }
    out.gates.push_back(*std::move(gate));
  }
  return hitl.done();
}

}  // namespace

Result<Narrowing> read_narrowing(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, {.max_bytes = kMaxTokenBytes});
  if (!parsed) {
    return refuse("malformed", parsed.error());
  }
  MemberReader in(parsed->value, "narrowing");
  Narrowing out;
  if (in.has(names::kClaimSub)) {
    out.sub = in.text(names::kClaimSub, kMaxUriBytes);
  }
  if (in.has(names::kClaimAud)) {
    out.aud = in.texts(names::kClaimAud, kMaxListed, kMaxUriBytes);
  }
  if (in.has(names::kClaimExp)) {
    out.exp = in.number(names::kClaimExp, 0, kLastSecond);
  }
  if (in.has(names::kAcpNodes)) {
    out.nodes = in.texts(names::kAcpNodes, kMaxNodes, kMaxIdBytes);
  }
  Status good = in.has(names::kAcpConstraints) ? read_sets(in, out) : Status();
  good = good && in.has(names::kAcpHitl) ? read_gates(in, out) : good;
  if (!good) {
    in.fault(good.error());
  }
  return in.done().map([&] { return std::move(out); });
}

Result<Claims> attenuate(const Token& parent, const Narrowing& by, const Uuid& jti,
                         std::int64_t now) {
  Claims out = parent.claims;
  out.iss = parent.claims.sub;
  out.sub = by.sub.empty() ? parent.claims.sub : by.sub;
  out.aud = by.aud.value_or(out.aud);
  out.iat = std::max(now, parent.claims.iat);
  out.exp = by.exp.value_or(out.exp);
  out.jti = jti;
  out.parent = parent.digest;
  Status good = by.nodes ? keep_nodes(out, *by.nodes) : Status();
  good = good ? count_delegation(out) : good;
  if (!good) {
    return fail(good.error());
  }
  out.constraints.insert(out.constraints.end(), by.constraints.begin(), by.constraints.end());
  add_gates(out, by.gates);
  return out;
}

}  // namespace pawl::acp
