#include "app/commands/shown_policy.h"

#include <ostream>

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/acp/acp_wire.h"

namespace pawl {
namespace {

std::string listed(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& one : texts) {
    out += (out.empty() ? "" : ", ") + shown_text(one);
  }
  return out;
}

json::Value claims_of(const acp::Token& token) {
  return json::parse(acp::print(token.claims))->value;
}

// The members of a constraint object or a trigger, as JSON: there is no shorter form that is exact.
std::string shown_json(const json::Value* value) {
  return value == nullptr ? "" : shown_text(json::print(*value));
}

void tell_token(Context& context, const acp::Token& token) {
  const acp::Claims& claims = token.claims;
  std::ostream& out = context.io.out;
  out << labelled("token", shown_text(claims.jti.text())) << labelled("by", shown_text(claims.iss))
      << labelled("held by", shown_text(claims.sub)) << labelled("for", listed(claims.aud))
      << labelled("from", shown_time(claims.iat)) << labelled("until", shown_time(claims.exp));
  if (claims.wid) {
    out << labelled("workflow", claims.wid->text());
  }
  if (!claims.parent.empty()) {
    out << labelled("narrows", shown_text(claims.parent));
  }
  const json::Value value = claims_of(token);
  const json::Array& nodes = json::find(value, {"dag", "nodes"})->get_array();
  for (std::size_t i = 0; i < claims.nodes.size(); ++i) {
    const acp::Node& node = claims.nodes[i];
    std::string after;
    for (const acp::Edge& edge : claims.edges) {
      after +=
          edge.to == node.id ? (after.empty() ? ", after " : " and ") + shown_text(edge.from) : "";
    }
    out << labelled("node " + shown_text(node.id),
                    shown_text(node.act) + " by " + shown_text(node.agent) + after);
    if (node.constraints) {
      out << labelled("", "only " + shown_json(json::find(nodes[i], {"constraints"})));
    }
  }
  if (const json::Value* all = json::find(value, {"dag", "constraints"})) {
    out << labelled("only", shown_json(all));
  }
  for (const json::Value& gate : json::find(value, {"hitl", "rules"})->get_array()) {
    out << labelled("gate", shown_json(&gate));
  }
}

}  // namespace

void tell_policy(Context& context, const std::vector<acp::Token>& chain, bool verified) {
  if (context.io.json) {
    json::Array tokens;
    for (const acp::Token& token : chain) {
      json::Object one{{"digest", token.digest}, {"kid", token.kid}};
      one["claims"] = claims_of(token);
      tokens.push_back(std::move(one));
    }
    json::Object out{{"verified", verified}};
    out["tokens"] = std::move(tokens);
    context.io.out << json::print(out) << '\n';
    return;
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    context.io.out << (i == 0 ? "" : "\n");
    tell_token(context, chain[i]);
  }
  context.io.out
      << (verified ? "\nverified: signed link by link, and each narrower than the one before\n"
                   : "\nnot checked: `pawl rules verify` looks at signatures and times\n");
}

}  // namespace pawl
