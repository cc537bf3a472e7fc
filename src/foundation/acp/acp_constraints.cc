#include "foundation/acp/acp_constraints.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/jose/token_refusal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl::acp {
namespace {

using jose::refuse;

constexpr std::array<std::string_view, 5> kRuleMembers = {"id", "when", "then", "reason",
                                                          "expires"};

json::Object exactly(std::string_view text) {
  return {{"equals", text}};
}

// The condition of an act; JSON is YAML.
Result<json::Object> condition_of(const std::string& act) {
  if (std::find(kinds::kAll.begin(), kinds::kAll.end(), act) != kinds::kAll.end()) {
    return json::Object{{"verb", exactly(act)}};
  }
  const std::size_t slash = act.find('/');
  if (slash == std::string::npos) {
    return json::Object{{"tool", exactly(act)}};
  }
  if (slash == 0 || slash + 1 == act.size()) {
    return refuse("bad_act: " + act + ": expected a verb, a tool or SERVER/TOOL");
  }
  return json::Object{{"server", exactly(act.substr(0, slash))},
                      {"tool", exactly(act.substr(slash + 1))}};
}

Result<rules::ComparableSet> load(std::string_view name, json::Array rules) {
  const std::string text = json::print(json::Object{{"rules", std::move(rules)}});
  Result<rules::ComparableSet> set = rules::ComparableSet::load({{std::string(name), text}});
  return set ? std::move(set)
             : Result<rules::ComparableSet>(
                   refuse("bad_rules: " + std::string(name) + ": " + set.error().message));
}

json::Object rule(std::string id, json::Object when, std::string_view then) {
  json::Object out{{"id", std::move(id)}, {"then", then}, {"reason", "policy token"}};
  out["when"] = std::move(when);
  return out;
}

Result<rules::ComparableSet> load_acts(const std::vector<std::string>& acts) {
  json::Array rules;
  for (const std::string& act : acts) {
    Result<json::Object> when = condition_of(act);
    if (!when) {
      return fail(when.error());
    }
    rules.push_back(rule("act-" + std::to_string(rules.size()), *std::move(when), "allow"));
  }
  return load(names::kAcpAllowedActs, std::move(rules));
}

Result<rules::ComparableSet> load_agents(const std::vector<std::string>& agents) {
  json::Array list(agents.begin(), agents.end());
  json::Object matcher;
  matcher["in"] = std::move(list);
  json::Object when;
  when["agent"] = std::move(matcher);
  json::Array rules;
  rules.push_back(rule("agents", std::move(when), "allow"));
  return load(names::kAcpAllowedAgents, std::move(rules));
}

// A gate is no rule, and what a token only observes means nothing.
Status check_rule(const json::Value& value) {
  const json::Object* object = value.if_object();
  if (object == nullptr) {
    return refuse("bad_rule: constraints.rules: expected rules");
  }
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(kRuleMembers.begin(), kRuleMembers.end(), name) == kRuleMembers.end()) {
      return refuse("bad_rule: a token's rule has no member " + std::string(name.substr(0, 64)));
    }
  }
  const auto then = json::find_string(value, {"then"});
  return then == "allow" || then == "deny"
             ? Status()
             : Status(refuse("bad_rule: a token's rule says allow or deny"));
}

}  // namespace

Result<std::vector<ConstraintSet>> compile(const Constraints& constraints) {
  std::vector<ConstraintSet> out;
  Status status;
  const auto add = [&](std::string_view name, Result<rules::ComparableSet> set) {
    if (set) {
      out.push_back({std::string(name), *std::move(set)});
    } else if (status) {
      status = fail(set.error());
    }
  };
  if (!constraints.allowed_acts.empty()) {
    add(names::kAcpAllowedActs, load_acts(constraints.allowed_acts));
  }
  if (!constraints.allowed_agents.empty()) {
    add(names::kAcpAllowedAgents, load_agents(constraints.allowed_agents));
  }
  if (constraints.rules) {
    for (const json::Value& one : *constraints.rules) {
      if (const Status good = check_rule(one); !good) {
        return fail(good.error());
      }
    }
    add(names::kAcpRules, load(names::kAcpRules, *constraints.rules));
  }
  return status.map([&] { return std::move(out); });
}

Result<rules::ComparableSet> compile_act(const std::string& act) {
  return load_acts({act});
}

Result<rules::ComparableSet> compile_trigger(const Trigger& trigger) {
  json::Object when;
  if (trigger.type == TriggerType::kThreshold) {
    if (!trigger.value.starts_with('/')) {
      return refuse("bad_trigger: a threshold names an argument by a JSON Pointer: /amount");
    }
    // The number goes in as it was written: a JSON text, not a double.
    const std::string text =
        "{\"rules\":[{\"id\":\"gate\",\"then\":\"deny\",\"reason\":\"gate\","
        "\"when\":{\"arguments\":{" +
        json::quote(trigger.value) + ":{\"range\":{\"gt\":" + trigger.above + "}}}}}]}";
    Result<rules::ComparableSet> set = rules::ComparableSet::load({{"trigger", text}});
    return set ? std::move(set)
               : Result<rules::ComparableSet>(refuse("bad_trigger: " + set.error().message));
  }
  Result<json::Object> act = condition_of(trigger.value);
  if (!act) {
    return fail(act.error());
  }
  json::Array rules;
  rules.push_back(rule("gate", *std::move(act), "deny"));
  return load(names::kAcpTrigger, std::move(rules));
}

}  // namespace pawl::acp
