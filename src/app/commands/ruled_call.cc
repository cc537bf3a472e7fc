#include "app/commands/ruled_call.h"

#include <algorithm>
#include <utility>

#include "base/uuid.h"
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "path/caller.h"

namespace pawl {
namespace {

constexpr std::size_t kMostAgents = 100'000;
constexpr std::string_view kRulesAnswer = "rules: ";
constexpr std::string_view kAgentTarget = "agent:";

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

const json::Array& list_at(const json::Value& value, std::string_view name) {
  static const json::Array none;
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

// "rules: allow triage-reads (rules.yaml:3)": its ruling and rule; nullopt: rules were not asked.
std::optional<std::pair<std::string, std::string>> answer_of_rules(const json::Value& body) {
  for (const json::Value& one : list_at(body, "why")) {
    std::string_view line = one.is_string() ? std::string_view(one.get_string()) : "";
    if (!line.starts_with(kRulesAnswer)) {
      continue;
    }
    line.remove_prefix(kRulesAnswer.size());
    const std::size_t space = line.find(' ');
    std::string_view rule = space == line.npos ? "" : line.substr(space + 1);
    rule = rule.starts_with('(') ? "" : rule.substr(0, rule.find(' '));
    return std::pair(std::string(line.substr(0, space)), std::string(rule));
  }
  return std::nullopt;
}

std::optional<rules::Effect> effect_of(std::string_view word) {
  for (const rules::Effect effect :
       {rules::Effect::kAllow, rules::Effect::kHold, rules::Effect::kDeny}) {
    if (word == rules::effect_name(effect)) {
      return effect;
    }
  }
  return std::nullopt;
}

// Observe mode lets a call pass that the set denies or holds, and says so: `would`.
std::optional<rules::Effect> before_softening(const std::string& would, const std::string& rule) {
  const std::size_t space = would.find(' ');
  if (space == would.npos) {
    return std::nullopt;
  }
  const std::string of = would.substr(space + 1);
  return of == rule || (rule.empty() && of == "default") ? effect_of(would.substr(0, space))
                                                         : std::nullopt;
}

bool is_digest(const std::string& name) {
  return name.starts_with("sha256:");
}

// Only a token adds groups to those of the configuration.
bool may_have_token_groups(std::string_view proof) {
  return proof != proof_name(Caller::Proof::kBearerKey) &&
         proof != proof_name(Caller::Proof::kPeerCredentials) &&
         proof != proof_name(Caller::Proof::kNone);
}

std::int64_t seconds_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    ms = ms << 8 | id.bytes[i];
  }
  return ms / 1000;
}

void take_names(const json::Value& body, std::string_view act, RuledCall& out) {
  out.agent = text_at(body, "agent");
  out.person = text_at(body, "on_behalf_of");
  out.server = text_at(body, "server");
  out.tool = text_at(body, "tool");
  out.resource = text_at(body, "resource");
  out.verb = text_at(body, "verb");
  if (out.verb.empty()) {
    out.verb = act;
  }
  out.policy = text_at(body, "policy");
  for (const json::Value& atom : list_at(body, "atoms")) {
    const std::string text(atom.is_string() ? atom.get_string() : "");
    if (!text.empty() && text.size() < 10 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      out.held.push_back(static_cast<std::uint32_t>(std::stoul(text)));
    }
  }
}

}  // namespace

rules::KnownFacts RuledCall::known() const {
  rules::KnownFacts out;
  const auto take = [](const std::string& name, std::string_view& fact, bool& open) {
    open = is_digest(name);
    fact = open ? std::string_view() : std::string_view(name);
  };
  take(agent, out.facts.agent, out.agent_open);
  take(server, out.facts.server, out.server_open);
  take(tool, out.facts.tool, out.tool_open);
  take(resource, out.facts.resource, out.resource_open);
  take(person, out.facts.on_behalf_of, out.on_behalf_of_open);
  if (person.starts_with("person:")) {
    out.on_behalf_of_open = true;
    out.facts.on_behalf_of = "";
  }
  out.facts.verb = verb;
  out.facts.groups = &groups;
  out.more_groups = more_groups;
  out.from = from;
  out.until = until;
  return out;
}

void CallReader::note_identity(const json::Value& body, bool is_there) {
  const json::Value* identity = json::find(body, {"identity"});
  const std::string target = identity != nullptr ? text_at(*identity, "target") : "";
  if (!target.starts_with(kAgentTarget)) {
    return;
  }
  const std::string agent = target.substr(kAgentTarget.size());
  if (!is_there || groups_.size() >= kMostAgents) {
    groups_.erase(agent);
    return;
  }
  Groups& now = groups_[agent];
  now = {json::find(*identity, {"hash"}) == nullptr, {}};
  for (const json::Value& name : list_at(*identity, "groups")) {
    now.names.emplace_back(name.is_string() ? name.get_string() : "");
  }
}

std::optional<RuledCall> CallReader::read(std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return std::nullopt;
  }
  const json::Value& claims = jws->payload;
  const std::string act = text_at(claims, names::kClaimExecAct);
  const std::string area = std::string(names::kExtPrefix) + std::string(kinds::area(act));
  const json::Value* body = in_extension(jws->typ, claims, {area});
  const auto profile = text_in_extension(jws->typ, claims, {names::kExtProfile});
  if (body == nullptr || profile != names::kProfileUri) {
    return std::nullopt;
  }
  if (act == kinds::kIdentityEnrolled || act == kinds::kIdentityRemoved) {
    note_identity(*body, act == kinds::kIdentityEnrolled);
  }
  if (act == kinds::kRefusalSummary) {
    const json::Value* count = json::find(*body, {"count"});
    summed_up_ += count != nullptr && count->is_int64() && count->get_int64() > 0
                      ? static_cast<std::uint64_t>(count->get_int64())
                      : 0;
  }
  const auto answer = answer_of_rules(*body);
  const std::optional<rules::Effect> ruling = answer ? effect_of(answer->first) : std::nullopt;
  const Result<Uuid> id = Uuid::parse(text_at(claims, names::kClaimJti));
  if (!ruling || !id) {
    return std::nullopt;
  }
  RuledCall out;
  out.id = id->text();
  out.rule = answer->second;
  out.said = before_softening(text_at(*body, "would"), out.rule).value_or(*ruling);
  take_names(*body, act, out);
  out.is_redacted = json::find(*body, {names::kBodyRedactedBy}) != nullptr;
  const auto at = groups_.find(out.agent);
  const bool are_known = at != groups_.end() && at->second.known;
  out.groups = are_known ? at->second.names : std::vector<std::string>();
  out.more_groups = !are_known || may_have_token_groups(text_at(*body, "proof"));
  const json::Value* iat = json::find(claims, {names::kClaimIat});
  out.until = iat != nullptr && iat->is_int64() ? iat->get_int64() : 0;
  out.from = std::min(seconds_of(*id), out.until);
  return out;
}

}  // namespace pawl
