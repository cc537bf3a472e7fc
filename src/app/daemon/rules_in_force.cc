// The set of rules in force, how it came to be and what people see of it: a part of Governance.
#include <utility>

#include "app/daemon/governance.h"
#include "app/daemon/state_changes.h"
#include "base/log.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl {

// Who was enrolled since the start signs sets, too. To lift a stop they wait for a restart: another
// thread looks at the keystore for that.
void Governance::look_who_signs_rules() {
  Result<std::vector<Operator>> now = keys_->read_operators();
  if (!now) {
    log(LogLevel::kError, "operators_not_read", {{"reason", now.error().message}});
    return;
  }
  rule_signers_ = *std::move(now);
  for (const StateChange& change : identity_changes(
           decisions_.recorded.enrolled, enrolled_now(*options_.config, *keys_, rule_signers_))) {
    record_state(change.kind, change.body, [](const Result<RecordRef>&) {});
  }
}

Status Governance::open_rules() {
  rule_signers_ = keys_->operators();
  RuleActivation::Parts parts{
      files_,
      *options_.config,
      [this] { return rule_signers_; },
      options_.folder,
      recorder_->instance().spiffe(),
      [this] { return latest_time_.wall().seconds(); },
      [this](const std::string& kid) -> Status {
        const auto revoked = stop_board_.revoked();
        return revoked->of_target(key_name(kid)) == nullptr || !plugged(ControlId::kOperatorRevoked)
                   ? Status{}
                   : fail(Code::kForbidden, "the key that signed the set was revoked");
      }};
  activation_ = std::make_unique<RuleActivation>(std::move(parts));
  Result<Activated> first = activation_->at_start(decisions_.policy);
  if (!first) {
    return fail_at("rules", first.error());
  }
  put_into_force(*std::move(first));
  return {};
}

void Governance::put_into_force(Activated activated) {
  policy_ = std::move(activated);
  const rules::SetHeader* header = policy_.set->header();
  policy_set_ = header != nullptr ? header->text() : "";
  reload_error_ = policy_.held_back;
  if (!reload_error_.empty()) {
    log(LogLevel::kError, "rules_held_back", {{"reason", reload_error_}});
  }
  rule_board_.publish(policy_.set);
}

Status Governance::reload_rules() {
  look_who_signs_rules();
  Result<Activated> fresh = activation_->at_reload(policy_.state);
  if (!fresh) {
    log(LogLevel::kError, "rules_not_reloaded", {{"reason", fresh.error().message}});
    reload_error_ = fresh.error().message;
    return fail(fresh.error());
  }
  rules_since_ = clock_.boot();
  put_into_force(*std::move(fresh));
  gate_.advance(EpochKind::kRules);
  record_policy();
  approvals_->policy_changed();
  log(LogLevel::kInfo, "rules_reloaded", {{"digest", policy_.state.digest}});
  return {};
}

Result<json::Object> Governance::reloaded_rules() {
  const std::string before = policy_.state.digest;
  if (const Status done = reload_rules(); !done) {
    return fail(done.error());
  }
  return json::Object{{"result", "reloaded"},
                      {"changed", policy_.state.digest != before},
                      {"before", before},
                      {"rules", rules_status()}};
}

void Governance::record_policy() {
  if (policy_.state == decisions_.policy) {
    return;
  }
  json::Object body{{names::kSetDigest, policy_.state.digest}};
  body["rules"] = policy_.set->rules().size();
  if (const rules::SetHeader* header = policy_.set->header()) {
    body[names::kPolicySet] = json::Object{{names::kSetName, header->name},
                                           {names::kSetOwner, header->owner},
                                           {names::kSetVersion, header->version}};
  }
  if (policy_.statement) {
    body[names::kSetBefore] = policy_.statement->statement.before;
    body["operator"] = policy_.statement->operator_name;
    body["kid"] = policy_.statement->kid;
    body["statement"] = policy_.statement->token;
  }
  record_state(kinds::kPolicyActivated, body, [](const Result<RecordRef>&) {});
}

json::Object Governance::rules_status() const {
  json::Object out{{"count", policy_.set->rules().size()},
                   {"digest", policy_.state.digest},
                   {"age_s", (clock_.boot().us - rules_since_.us) / 1'000'000},
                   {"reload_error", reload_error_},
                   {"signatures", demand_name(options_.config->rule_signatures)},
                   {"signed", policy_.state.is_signed}};
  if (const rules::SetHeader* header = policy_.set->header()) {
    out[names::kPolicySet] = json::Object{{names::kSetName, header->name},
                                          {names::kSetOwner, header->owner},
                                          {names::kSetVersion, header->version}};
  }
  if (policy_.statement) {
    out["signed_by"] = policy_.statement->operator_name;
  }
  return out;
}

}  // namespace pawl
