#include "app/daemon/approval_channels.h"

#include <algorithm>

#include "app/daemon/account_store.h"

namespace pawl {
namespace {

bool can_sign_in(const Config& config, Files& files) {
  if (!config.sign_in) {
    return false;
  }
  const Result<sign_in::AccountList> accounts =
      config.sign_in->local ? AccountStore(files, DataFolder{config.data}).read()
                            : fail(Code::kNotFound, "");
  return config.sign_in->oidc.has_value() || (accounts && !accounts->accounts.empty());
}

}  // namespace

bool can_hold(const Config& config, const rules::RuleSet& rules, std::int64_t now) {
  const auto holds = [now](const rules::RuleInfo& rule) {
    return rule.effect == rules::Effect::kHold && rule.mode == rules::Mode::kEnforce &&
           (!rule.expires_at || now < *rule.expires_at);
  };
  return !config.observe && (config.policy_tokens.is_given() ||
                             std::any_of(rules.rules().begin(), rules.rules().end(), holds));
}

std::string nobody_told(const Config& config, const rules::RuleSet& rules, Files& files,
                        std::int64_t now) {
  const bool is_told = !config.approval.webhooks.empty() || can_sign_in(config, files);
  return is_told || !can_hold(config, rules, now)
             ? ""
             : "calls can be held for people, and nobody is told: there is no approval.notify, and "
               "nobody can sign in";
}

}  // namespace pawl
