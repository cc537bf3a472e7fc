#include "foundation/acp/acp_chain.h"

#include <algorithm>
#include <utility>

#include "foundation/acp/acp_patterns.h"
#include "foundation/acp/acp_wire.h"
#include "foundation/crypto/sha256.h"
#include "foundation/jose/token_refusal.h"
#include "foundation/records/names.h"

namespace pawl::acp {
namespace {

using jose::refuse;

Result<Token> verify_token(const std::string& compact, Signer signer, const KeyFinder& keys) {
  const std::vector<std::string> algorithms{std::string(names::kAlgEs256)};
  if (compact.size() > kMaxTokenBytes) {
    return refuse("too_large: a token has at most 65536 bytes");
  }
  const Result<jose::Jws> jws = jose::decode(compact, kMaxTokenBytes);
  if (!jws) {
    return refuse("malformed", jws.error());
  }
  if (jws->typ != names::kTypAcp) {
    return refuse("bad_type: expected acp+jwt");
  }
  if (jws->alg != names::kAlgEs256) {
    return refuse("bad_alg: the algorithm is not in the allow list");
  }
  if (jws->kid.empty()) {
    return refuse("missing_kid: the header must name the key");
  }
  const auto iss = json::find_string(jws->payload, {names::kClaimIss});
  if (!iss) {
    return refuse("missing_member: token.iss: is needed");
  }
  const Result<PublicKey> key = keys(signer, *iss, jws->kid);
  if (!key) {
    return refuse("unknown_key", key.error());
  }
  if (const Status good = jose::verify(*jws, *key, algorithms); !good) {
    return refuse("bad_signature", good.error());
  }
  return read(*jws);
}

Status check_time(const Claims& claims, std::int64_t now) {
  if (now >= claims.exp) {
    return refuse("expired: exp has passed");
  }
  if (claims.iat > now + kClockSkewSeconds) {
    return refuse("not_yet: iat lies more than 30 s ahead");
  }
  const auto is_over = [&](const Constraints& one) {
    return one.not_after && now >= *one.not_after;
  };
  return std::any_of(claims.constraints.begin(), claims.constraints.end(), is_over)
             ? Status(refuse("not_after: the graph's time is over"))
             : Status();
}

Status check_depth(const Link& link) {
  for (const Constraints& one : link.token.claims.constraints) {
    if (one.max_depth && link.graph.depth() > *one.max_depth) {
      return refuse("max_depth: the graph is deeper than its own constraint says");
    }
  }
  return {};
}

Result<CompiledGate> compile_gate(const Gate& gate) {
  CompiledGate out{gate};
  if (gate.trigger.type == TriggerType::kAction || gate.trigger.type == TriggerType::kThreshold) {
    Result<rules::ComparableSet> condition = compile_trigger(gate.trigger);
    if (!condition) {
      return fail(condition.error());
    }
    out.condition = *std::move(condition);
  }
  return out;
}

Status compile_nodes(Link& link) {
  for (const Node& node : link.token.claims.nodes) {
    if (!link.acts.contains(node.act)) {
      Result<rules::ComparableSet> act = compile_act(node.act);
      if (!act) {
        return fail(act.error());
      }
      link.acts.emplace(node.act, *std::move(act));
    }
    if (node.constraints) {
      auto sets = compile(*node.constraints);
      if (!sets) {
        return fail(sets.error());
      }
      link.of_node[node.id] = *std::move(sets);
    }
  }
  return {};
}

Status compile_rest(Link& link) {
  for (const Constraints& one : link.token.claims.constraints) {
    auto sets = compile(one);
    if (!sets) {
      return fail(sets.error());
    }
    for (ConstraintSet& set : *sets) {
      link.constraints.push_back(std::move(set));
    }
  }
  for (const Gate& gate : link.token.claims.gates) {
    Result<CompiledGate> compiled = compile_gate(gate);
    if (!compiled) {
      return fail(compiled.error());
    }
    if (gate.trigger.type == TriggerType::kNode && !link.graph.has(gate.trigger.value) &&
        link.token.claims.parent.empty()) {
      return refuse("unknown_node: rule " + gate.id + " of hitl names no node of the graph");
    }
    link.gates.push_back(*std::move(compiled));
  }
  return compile_nodes(link);
}

std::string run_of(std::string_view compact) {
  return digest_text(sha256(compact.substr(0, compact.rfind('.'))));
}

}  // namespace

Result<Link> compile(Token token) {
  Result<Graph> graph = Graph::of(token.claims);
  if (!graph) {
    return fail(graph.error());
  }
  Link out{.token = std::move(token),
           .graph = *std::move(graph),
           .constraints = {},
           .of_node = {},
           .acts = {},
           .gates = {}};
  Status good = check_depth(out);
  good = good ? compile_rest(out) : good;
  return good.map([&] { return std::move(out); });
}

Result<Chain> verify_chain(std::span<const std::string> tokens, const KeyFinder& keys,
                           std::string_view audience, std::int64_t now, LinkCheck* check_link) {
  if (tokens.empty() || tokens.size() > kMaxChain) {
    return refuse(std::string(kChainLength));
  }
  Chain out;
  for (const std::string& compact : tokens) {
    const bool is_first = out.links.empty();
    Result<Token> token = verify_token(compact, is_first ? Signer::kIssuer : Signer::kHolder, keys);
    const Status in_time = token ? check_time(token->claims, now) : Status(fail(token.error()));
    Result<Link> link = in_time ? compile(*std::move(token)) : fail(in_time.error());
    if (!link) {
      return fail(link.error());
    }
    if (is_first && !link->token.claims.parent.empty()) {
      return refuse("parent_missing: the first token has a parent that is not there");
    }
    if (!is_first) {
      if (const Status narrower = check_link(*link, out.links.back()); !narrower) {
        return fail(narrower.error());
      }
    }
    out.memory += 16 * compact.size() + memory_of(link->token.claims);
    out.links.push_back(*std::move(link));
  }
  const std::vector<std::string>& aud = out.leaf().aud;
  if (std::find(aud.begin(), aud.end(), audience) == aud.end()) {
    return refuse("wrong_audience: aud does not name " + std::string(audience));
  }
  out.run = run_of(tokens.front());
  return out;
}

}  // namespace pawl::acp
