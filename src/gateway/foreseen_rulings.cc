#include "gateway/foreseen_rulings.h"

#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/rules/obligation.h"
#include "gateway/number_control.h"
#include "gateway/terms_in_force.h"
#include "governance/policy/obliged_calls.h"
#include "operators/approval/changed_arguments.h"

namespace pawl {

using rules::PossibleRulings;

struct ForeseenRulings::Asked {
  Action action;
  ForeseenCaller caller;
  std::int64_t now = 0;
  // Which of both a binding's name is, it does not say of every verb.
  bool name_open = false;

  bool is_whole() const { return !caller.more_groups && !caller.person_open && !name_open; }
};

namespace {

bool names_resource(std::string_view verb) {
  return kinds::area(verb) == kinds::area(kinds::kResourceRead);
}

// As an adapter decodes them: of a tool its arguments, else all params.
Status take_params(Action& action, const std::string& params) {
  std::string_view governed = params;
  if (action.verb == kinds::kToolCall) {
    const auto arguments = json::member(params, json::whole(params), approval::kArguments);
    if (!arguments) {
      return {};
    }
    governed = arguments->of(params);
  }
  Result<json::SharedParsed> parsed = json::parse_shared(governed);
  if (!parsed) {
    return fail(parsed.error());
  }
  action.arguments = std::move(parsed->value);
  action.lossy_numbers = std::move(parsed->lossy_numbers);
  return {};
}

std::string terms_in_words(const HoldTerms& terms) {
  std::string out = std::to_string(terms.of) + " of ";
  for (const std::string& role : terms.roles) {
    out += (role == terms.roles.front() ? "" : ", ") + role;
  }
  return out + " within " + std::to_string(terms.within_s) + " s";
}

bool oblige(const PossibleRulings& possible, const rules::RuleSet& set, const std::string& rule) {
  for (const std::size_t position : possible.obliging) {
    if (set.rules()[position].id == rule) {
      return true;
    }
  }
  return false;
}

// A reason of ours names the rule itself.
std::string denied_in_words(const Verdict& verdict) {
  const std::string named = "rule \"" + verdict.rule + "\"";
  const bool is_named = verdict.where.empty() || verdict.reason.find(named) != std::string::npos;
  return is_named ? verdict.reason : named + " denies it: " + verdict.reason;
}

}  // namespace

Result<ForeseenRulings::Asked> ForeseenRulings::asked(const approval::Binding& binding,
                                                      const std::string& params) const {
  Asked out;
  out.caller = parts_.caller(binding);
  out.now = parts_.now().seconds();
  Action& action = out.action;
  action.verb = binding.verb;
  action.params = params;
  action.server = binding.server;
  (names_resource(binding.verb) ? action.resource : action.tool) = binding.name;
  out.name_open = !binding.name.empty() && action.resource.empty() &&
                  action.verb != kinds::kToolCall && action.verb != kinds::kPromptGet;
  action.caller.agent = binding.agent;
  action.caller.on_behalf_of = binding.on_behalf_of;
  action.caller.groups = out.caller.groups;
  if (Status taken = take_params(action, params); !taken) {
    return fail(taken.error());
  }
  return out;
}

const rules::ComparableSet* ForeseenRulings::comparable() const {
  std::shared_ptr<const rules::RuleSet> set = parts_.rules.snapshot();
  if (set != compared_) {
    Result<rules::ComparableSet> loaded = rules::ComparableSet::load(parts_.sources());
    const bool is_same = loaded && loaded->rules().digest() == set->digest();
    comparable_ = is_same ? std::optional(*std::move(loaded)) : std::nullopt;
    compared_ = std::move(set);
  }
  return comparable_ ? &*comparable_ : nullptr;
}

std::optional<PossibleRulings> ForeseenRulings::possible(const Asked& asked) const {
  const rules::ComparableSet* set = comparable();
  if (set == nullptr) {
    return std::nullopt;
  }
  rules::KnownFacts known;
  known.facts = facts_of(asked.action);
  known.arguments_known = true;
  known.on_behalf_of_open = asked.caller.person_open;
  known.tool_open = known.resource_open = asked.name_open;
  known.more_groups = asked.caller.more_groups;
  known.from = known.until = asked.now;
  return rules::possible_rulings(set->parts(), known);
}

// ---- what a person would put in the place of the arguments ----

// Also under a policy token that holds it, too, on terms that are not known here.
std::string ForeseenRulings::why_held(const approval::Approval& one, const Verdict& verdict,
                                      const std::optional<PossibleRulings>& possible) const {
  std::shared_ptr<const HoldTerms> held = verdict.hold;
  if (possible) {
    const bool is_sure = possible->only() == rules::Effect::kHold && possible->rule;
    held = is_sure ? compared_->rules()[*possible->rule].hold : nullptr;
  }
  if (held == nullptr || !one.binding.token.empty() ||
      terms_in_force(*held, parts_.operators.operators()) == one.terms) {
    return "";
  }
  return "it is " + verdict.reason + ", on other terms (" + terms_in_words(*held) +
         ") than those of this approval";
}

// Empty: it may go on, or that cannot be told.
std::string ForeseenRulings::why_not(const approval::Approval& one, const Asked& asked) const {
  const Moment moment{WallTime{asked.now * 1'000'000}};
  const Verdict numbers = NumberControl().decide(asked.action, moment);
  if (numbers.ruling == Ruling::kDeny) {
    return numbers.reason;
  }
  const Verdict verdict = parts_.policy.decide(asked.action, moment);
  std::optional<PossibleRulings> possible;
  if (!asked.is_whole()) {
    possible = this->possible(asked);
    if (!possible) {
      return "";
    }
  }
  if (verdict.ruling == Ruling::kDeny) {
    const bool is_sure = !possible || possible->only() == rules::Effect::kDeny;
    return is_sure ? denied_in_words(verdict) : "";
  }
  if (verdict.obliged != nullptr) {
    const auto unmet = unmet_limit(*verdict.obliged, asked.action.params.size());
    if (unmet && (!possible || oblige(*possible, *compared_, unmet->rule))) {
      return unmet->reason;
    }
  }
  return verdict.ruling == Ruling::kHold ? why_held(one, verdict, possible) : "";
}

Status ForeseenRulings::check_changed(const approval::Approval& one,
                                      const std::string& params) const {
  const Result<Asked> call = asked(one.binding, params);
  if (!call) {
    return fail(call.error());
  }
  const std::string why = why_not(one, *call);
  return why.empty()
             ? Status()
             : fail(Code::kDenied,
                    "approval: the call may not go on with these arguments: " + why +
                        ". The statement does not count, and the approval stands as before");
}

// ---- what it would have to meet ----

ForeseenRulings::Obliging ForeseenRulings::obliging(const approval::Binding& binding,
                                                    const std::string& params) const {
  Obliging out;
  const Result<Asked> call = asked(binding, params);
  if (!call) {
    return out;
  }
  if (call->is_whole()) {
    out.set = parts_.rules.snapshot();
    out.surely = out.set->decide(facts_of(call->action), call->now).obliged;
    return out;
  }
  const std::optional<PossibleRulings> possible = this->possible(*call);
  if (!possible || possible->only() == rules::Effect::kDeny) {
    return out;
  }
  out.set = compared_;
  for (const std::size_t position : possible->may_oblige) {
    const rules::RuleInfo& rule = out.set->rules()[position];
    const bool is_sure = oblige(*possible, *out.set, rule.id);
    (is_sure ? out.surely : out.perhaps).push_back(&rule);
  }
  return out;
}

}  // namespace pawl
