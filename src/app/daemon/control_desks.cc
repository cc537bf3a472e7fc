#include "app/daemon/control_desks.h"

#include "app/api/explained_rule.h"
#include "app/api/session_api.h"
#include "app/config/configured_agent.h"
#include "app/console/console_api.h"
#include "app/daemon/approval_effect.h"
#include "app/daemon/approval_history.h"
#include "app/daemon/approvals_api.h"
#include "app/daemon/keys_api.h"
#include "app/daemon/operators_api.h"
#include "app/daemon/vault_api.h"
#include "foundation/ledger/verify.h"

namespace pawl {

namespace {

// Where people use passkeys: where they sign in, else approval.address. nullopt: nowhere.
std::optional<sign_in::RelyingParty> relying_party(const Config& config, const SignIns* sign_ins) {
  if (sign_ins != nullptr) {
    return sign_ins->guard().party();
  }
  constexpr std::string_view kScheme = "://";
  const std::string& address = config.approval.address;
  const std::size_t scheme = address.find(kScheme);
  if (scheme == address.npos) {
    return std::nullopt;
  }
  const auto party =
      ledger::relying_party_at(address.substr(0, address.find('/', scheme + kScheme.size())));
  return party ? std::optional(sign_in::RelyingParty{party->id, party->origin}) : std::nullopt;
}

// "1 pattern is taken out of the answer (cards); perhaps also: at most 5 s (quick)"
std::string foreseen_words(const ForeseenRulings::Obliging& obliging) {
  const std::string perhaps = obliged_words(obliging.perhaps);
  std::string out = obliged_words(obliging.surely);
  return perhaps.empty() ? out : out + (out.empty() ? "perhaps: " : "; perhaps also: ") + perhaps;
}

}  // namespace

std::map<std::string, ApiDesk> control_desks(const ControlDeskParts& parts) {
  return {{"/api/v1/keys", keys_api(parts.governance.record_keys())},
          {"/api/v1/vault", vault_api(parts.vault)},
          {"/api/v1/operators", operators_api(parts.governance.enrollment(), parts.sign_ins)}};
}

std::map<std::string, ApiDesk> people_desks(const ControlDeskParts& parts) {
  const EnrollmentDesk& enrollment = parts.governance.enrollment();
  std::map<std::string, ApiDesk> out = session_desks(
      parts.sign_ins,
      {[&enrollment](const std::string& name) { return enrollment.passkeys_of(name); },
       [&enrollment](const std::string& kid) {
         return enrollment.operators().find(kid) != nullptr;
       }});
  parts.governance.approvals().take_passkeys_at(
      [&config = parts.config, sign_ins = parts.sign_ins] {
        return relying_party(config, sign_ins);
      });
  const SessionGuard* guard = parts.sign_ins != nullptr ? &parts.sign_ins->guard() : nullptr;
  out["/api/v1/approvals"] = approvals_api(
      {parts.governance.approvals(), Door(parts.token, guard), parts.governance.instance().domain,
       [&config = parts.config](const std::string& agent) { return groups_of(config, agent); },
       [&config = parts.config](const approval::Binding& binding) {
         return effect_of(binding, config.servers);
       },
       [&foreseen = parts.governance.foreseen()](const approval::Binding& binding,
                                                 const std::string& params) {
         return foreseen_words(foreseen.obliging(binding, params));
       },
       [&lookup = parts.lookup](const approval::Approval& one, const Viewer& viewer) {
         auto rows = lookup.newest_of(one.binding.agent, kMostRecords);
         if (!rows) {
           return json::Object();
         }
         std::erase_if(*rows, [&](const store::RecordRow& row) { return !viewer.sees(row); });
         return history_of(one.binding, *rows);
       },
       [&gateway = parts.governance.gateway()](const approval::Binding& binding) {
         return gateway.usual().find({binding.agent, binding.server, binding.name});
       },
       std::make_shared<RuleProposals>(
           parts.config, parts.governance.recorder(),
           [&governance = parts.governance] { return governance.rules(); }),
       parts.sign_ins});
  const std::optional<SignInConfig>& config = parts.config.sign_in;
  out[std::string(console::kPrefix)] = console::desk({.sign_in = config.has_value(),
                                                      .accounts = config && config->local,
                                                      .oidc = config && config->oidc});
  return out;
}

}  // namespace pawl
