#include "app/daemon/rule_proposals.h"

#include <utility>

#include "app/config/configured_agent.h"
#include "base/utf8.h"
#include "foundation/records/kinds.h"
#include "foundation/rules/obligation.h"
#include "foundation/rules/proposed_change.h"
#include "governance/policy/policy_control.h"

namespace pawl {
namespace {

// What the rules read of the call: the arguments of a tool, else the params.
const json::Value* governed(const json::Value& params, std::string_view verb) {
  return verb == kinds::kToolCall ? json::find(params, {"arguments"}) : &params;
}

}  // namespace

// What a rule cannot say of a call: it would allow others, too.
std::string RuleProposals::why_unnamed(const approval::Binding& binding) const {
  return !binding.token.empty() ? "it is made under a policy token"
         : binding.workflow     ? "it is of one workflow"
         : config_.pseudonyms && !binding.on_behalf_of.empty()
             ? "it is on behalf of somebody who has a pseudonym"
             : "";
}

void RuleProposals::propose(const Asked& asked, Done done) {
  if (asked.reason.size() > kMaxReason || !is_utf8(asked.reason)) {
    done(fail(Code::kInvalidParams,
              "reason: expected a text of at most " + std::to_string(kMaxReason) + " bytes"));
    return;
  }
  const Result<json::Parsed> params = json::parse(asked.params);
  if (!params) {
    done(fail(params.error()));
    return;
  }
  const approval::Binding& binding = asked.approval.binding;
  if (const std::string why = why_unnamed(binding); !why.empty()) {
    done(fail(Code::kUnsupported,
              "no rule can name this call alone: " + why + ". Write the rule by hand"));
    return;
  }
  Caller caller;
  caller.agent = binding.agent;
  caller.on_behalf_of = binding.on_behalf_of;
  caller.groups = groups_of(config_, binding.agent);
  rules::Facts facts = facts_of_name(caller, binding.server, binding.verb, binding.name);
  facts.arguments = governed(params->value, binding.verb);
  const rules::Decision decision = rules_()->decide(facts, recorder_.now().seconds());
  if (decision.effect != rules::Effect::kHold || decision.rule == nullptr) {
    done(fail(Code::kConflict, "no rule holds this call now, so there is nothing to propose"));
    return;
  }
  const std::string rule = decision.rule->id;
  const auto& obliges = decision.rule->obliges;
  const Result<std::string> proposed = rules::proposed_change(
      {rule, binding.agent, binding.on_behalf_of, binding.server, binding.verb, binding.name,
       facts.arguments, asked.approval.id.text(),
       obliges != nullptr ? json::print(rules::print_obligations(*obliges)) : std::string()});
  if (!proposed) {
    done(fail(proposed.error()));
    return;
  }
  const std::string& text = *proposed;
  RecordDraft draft;
  draft.id = recorder_.new_id();
  draft.kind = kinds::kPolicyProposed;
  draft.body.members({{"approval", asked.approval.id.text()},
                      {"by", asked.by},
                      {"rule", rule},
                      {"text", text},
                      {"reason", asked.reason}});
  recorder_.record(
      std::move(draft), [rule, text, done = std::move(done)](const Result<RecordRef>& recorded) {
        if (!recorded) {
          done(fail(recorded.error()));
          return;
        }
        done(json::Object{{"id", recorded->id.text()}, {"rule", rule}, {"text", text}});
      });
}

}  // namespace pawl
