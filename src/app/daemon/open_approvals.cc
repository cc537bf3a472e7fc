// People who decide on held calls: Governance, fourth part. Threading: the I/O thread.
#include <algorithm>
#include <utility>

#include "app/config/configured_agent.h"
#include "app/daemon/governance.h"
#include "app/daemon/held_vault.h"
#include "app/daemon/listener_options.h"
#include "path/proof_names.h"

namespace pawl {
namespace {

// What a token of the caller may have said beside is open, and whom a pseudonym stands for.
ForeseenCaller caller_of(const Config& config, const approval::Binding& binding) {
  ForeseenCaller out;
  out.groups = groups_of(config, binding.agent);
  out.more_groups = std::any_of(config.issuers.begin(), config.issuers.end(),
                                [](const auto& issuer) { return !issuer.groups_claim.empty(); });
  out.person_open =
      config.pseudonyms && !binding.on_behalf_of.empty() && binding.on_behalf_of != binding.agent;
  return out;
}

}  // namespace

void Governance::open_approvals() {
  const Config& config = *options_.config;
  held_arguments_ = std::make_unique<HeldVault>(files_, random_, options_.folder.root);
  const auto is_revoked = [this](const std::string& kid) {
    return stop_board_.revoked()->of_target(key_name(kid)) != nullptr;
  };
  enrollment_ = std::make_unique<EnrollmentDesk>(
      EnrollmentDesk::Parts{*recorder_, decisions_.operators, is_revoked});
  ApprovalSettings settings;
  settings.patience = std::chrono::seconds(config.approval.patience_s);
  settings.pending_per_agent = static_cast<std::size_t>(config.approval.pending_per_agent);
  settings.waiting_per_agent = static_cast<std::size_t>(config.limits.open_calls_per_agent);
  settings.waiting_bytes = queue_budget(config);
  settings.address = config.approval.address;
  approvals_ = std::make_unique<ApprovalDesk>(ApprovalDesk::Parts{
      *recorder_, random_, metrics_, decisions_.approvals, decisions_.operators, *held_arguments_,
      [this]() -> std::string_view { return policy_.state.digest; }, is_revoked,
      [&config](const std::string& agent) {
        const AgentConfig* known = find_agent(config, agent);
        return known == nullptr ? std::string() : known->owner;
      },
      std::move(settings)});
  foreseen_ = std::make_unique<ForeseenRulings>(ForeseenRulings::Parts{
      controls_->policy(), rule_board_, decisions_.operators,
      [this]() -> const std::vector<rules::Source>& { return policy_.sources; },
      [&config](const approval::Binding& binding) { return caller_of(config, binding); },
      [this] { return recorder_->now(); }});
  approvals_->judge_changes_by(foreseen_.get());
}

}  // namespace pawl
