#include "governance/policy/policy_control.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/rules/atom.h"
#include "governance/policy/obliged_calls.h"

namespace pawl {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kListOf = {{
    {kinds::kToolList, kinds::kToolCall},
    {kinds::kPromptList, kinds::kPromptGet},
    {kinds::kResourceList, kinds::kResourceRead},
    {kinds::kResourceTemplates, kinds::kResourceRead},
}};

bool names_resource(std::string_view verb) {
  return verb.starts_with("resource.");
}

std::string where_of(const rules::RuleInfo& rule) {
  return rule.at.file + ":" + std::to_string(rule.at.line);
}

std::string denied_because(const rules::RuleInfo* rule) {
  if (rule == nullptr) {
    return "no rule allows it";
  }
  return rule->reason.empty() ? "rule \"" + rule->id + "\" denies it" : rule->reason;
}

// Nobody to ask is never enough.
void hold(Verdict& verdict, const rules::RuleInfo& rule) {
  const std::string named = "rule \"" + rule.id + "\"";
  if (rule.hold == nullptr || rule.hold->roles.empty()) {
    verdict.ruling = Ruling::kDeny;
    verdict.code = Code::kDenied;
    verdict.reason = named + " holds it for approval and names no role, so nobody may approve it";
    return;
  }
  verdict.ruling = Ruling::kHold;
  verdict.hold = rule.hold;
  verdict.reason = "held for approval by " + named;
  if (!rule.reason.empty()) {
    verdict.reason += " (" + rule.reason + ")";
  }
}

// A rule may list people who have nothing to do with the call, and records stay for ever: what it
// asks of the person is in its file.
std::string difference_text(const rules::Difference& difference) {
  const std::string person(rules::field_name(rules::Field::kOnBehalfOf));
  const bool is_absent = difference.found == "absent";
  if (difference.what == person) {
    return person + " were another" + (is_absent ? " (found absent)" : "");
  }
  const bool names_people =
      difference.what == "not" && difference.expected.find(person) != std::string::npos;
  return difference.what + " were " + (names_people ? "another" : difference.expected) +
         " (found " + difference.found + ")";
}

std::string nearest_text(const rules::Nearest& nearest) {
  if (nearest.rule == nullptr) {
    return "";
  }
  const bool holds = nearest.rule->effect == rules::Effect::kHold;
  const std::string name = nearest.rule->id + " (" + where_of(*nearest.rule) + ")";
  if (nearest.differences.empty()) {
    return name + (holds ? " holds it for approval" : " allows it") +
           ", but a denial beats every permission";
  }
  std::string out =
      name + (holds ? " would have held it for approval if" : " would have allowed it if");
  for (const rules::Difference& difference : nearest.differences) {
    out += " " + difference_text(difference) + ";";
  }
  out.pop_back();
  return out;
}

// "deny no-etc", as records say it of a rule that was passed over.
std::string would_text(rules::Effect effect, const std::string& rule) {
  return std::string(rules::effect_name(effect)) + " " + rule;
}

}  // namespace

rules::Facts facts_of(const Action& action) {
  rules::Facts facts;
  facts.agent = action.caller.agent;
  facts.groups = &action.caller.groups;
  facts.on_behalf_of = action.caller.on_behalf_of;
  facts.server = action.server;
  facts.verb = action.verb;
  facts.tool = action.tool;
  facts.resource = action.resource;
  facts.arguments = action.arguments.get();
  return facts;
}

bool is_list(std::string_view verb) {
  return std::any_of(kListOf.begin(), kListOf.end(),
                     [verb](const auto& pair) { return pair.first == verb; });
}

bool lists_something(const rules::RuleSet& rules, rules::Facts facts, std::int64_t now) {
  for (const auto& [list, item] : kListOf) {
    if (facts.verb == list) {
      facts.verb = item;
      facts.arguments = nullptr;
      return rules.could_permit_any(facts, now);
    }
  }
  return false;
}

Verdict PolicyControl::decide(const Action& action, const Moment& moment) const {
  const std::shared_ptr<const rules::RuleSet> rules = board_.snapshot();
  const std::int64_t now = moment.now.seconds();
  const rules::Facts facts = facts_of(action);
  rules::Decision decision = rules->decide(facts, now);
  Verdict verdict;
  verdict.atoms = std::move(decision.atoms);
  verdict.obliged = obliged_of(*rules, decision, facts, action.task_tool);
  if (decision.would != nullptr) {
    verdict.would = would_text(decision.would->effect, decision.would->id);
  }
  if (decision.rule != nullptr) {
    verdict.rule = decision.rule->id;
    verdict.where = where_of(*decision.rule);
  }
  if (decision.effect == rules::Effect::kAllow) {
    verdict.ruling = Ruling::kAllow;
    return verdict;
  }
  if (decision.rule == nullptr && lists_something(*rules, facts, now)) {
    verdict.ruling = Ruling::kAllow;
    verdict.rule = "filtered-list";
    return verdict;
  }
  if (observed_ && observed_(action.caller.agent, action.server)) {
    verdict.ruling = Ruling::kAllow;
    verdict.would =
        would_text(decision.effect, verdict.rule.empty() ? std::string("default") : verdict.rule);
    return verdict;
  }
  if (decision.effect == rules::Effect::kHold) {
    hold(verdict, *decision.rule);
    return verdict;
  }
  verdict.ruling = Ruling::kDeny;
  verdict.code = Code::kDenied;
  verdict.reason = denied_because(decision.rule);
  verdict.nearest = nearest_text(rules->nearest(facts, now));
  if (verdict.rule.empty()) {
    verdict.rule = "default-deny";
  }
  return verdict;
}

rules::Facts facts_of_name(const Caller& caller, const std::string& server, std::string_view verb,
                           std::string_view name) {
  rules::Facts facts;
  facts.agent = caller.agent;
  facts.groups = &caller.groups;
  facts.on_behalf_of = caller.on_behalf_of;
  facts.server = server;
  facts.verb = verb;
  (names_resource(verb) ? facts.resource : facts.tool) = name;
  return facts;
}

bool PolicyControl::may_be_held(const Caller& caller, const std::string& server,
                                std::string_view verb, std::string_view name,
                                const Moment& moment) const {
  if (observed_ && observed_(caller.agent, server)) {
    return false;
  }
  const std::shared_ptr<const rules::RuleSet> rules = board_.snapshot();
  if (name.empty()) {
    return std::any_of(rules->rules().begin(), rules->rules().end(), [](const auto& rule) {
      return rule.effect == rules::Effect::kHold && rule.mode == rules::Mode::kEnforce;
    });
  }
  return rules->could_hold(facts_of_name(caller, server, verb, name), moment.now.seconds());
}

bool PolicyControl::may_use(const Caller& caller, const std::string& server, std::string_view verb,
                            std::string_view name, const Moment& moment) const {
  if (observed_ && observed_(caller.agent, server)) {
    return true;
  }
  const rules::Facts facts = facts_of_name(caller, server, verb, name);
  const std::shared_ptr<const rules::RuleSet> rules = board_.snapshot();
  const std::int64_t now = moment.now.seconds();
  return rules->could_permit(facts, now) || (name.empty() && lists_something(*rules, facts, now));
}

}  // namespace pawl
