#include "app/daemon/state_changes.h"

#include "app/config/configured_agent.h"
#include "app/daemon/upstream_factory.h"
#include "base/json_texts.h"
#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "operators/sign_in/standing.h"

namespace pawl {
namespace {

// Printed, of the 4096 of an extension: with the most of pawl.domain (form_config.cc) it fits.
constexpr std::size_t kMostIdentityBytes = 2500;
constexpr std::size_t kMostConfigurationBytes = 2500;
constexpr std::string_view kAccountTarget = "account:";

std::string digest_of(const json::Object& object) {
  return digest_text(sha256(json::canonical(object)));
}

// What does not fit is there by its digest, so that its change is seen.
void add(Identities& out, std::string_view kind, const std::string& name, json::Object members) {
  const std::string target = std::string(kind) + ":" + bounded_name(name);
  members["target"] = target;
  if (json::print(members).size() > kMostIdentityBytes) {
    members = json::Object{{"target", target}, {"hash", digest_of(members)}};
  }
  out.insert_or_assign(target, std::move(members));
}

std::map<std::string, std::vector<std::string>> agent_keys(const Config& config,
                                                           const Keystore& keys) {
  std::map<std::string, std::vector<std::string>> out;
  for (const AgentConfig& agent : config.agents) {
    std::vector<std::string>& own = out[agent.id];
    if (!agent.key.empty()) {
      own.push_back(digest_text(sha256(agent.key)));
    }
  }
  for (const auto& [id, digests] : keys.agents()) {
    for (const Digest& digest : digests) {
      out[id].push_back(digest_text(digest));
    }
  }
  return out;
}

void add_agents(const Config& config, const Keystore& keys, Identities& out) {
  for (const auto& [id, digests] : agent_keys(config, keys)) {
    json::Object members{{"keys", json::texts(digests)}};
    if (const AgentConfig* configured = find_agent(config, id)) {
      members["groups"] = json::texts(configured->groups);
      members["identities"] = json::texts(configured->identities);
    }
    add(out, "agent", id, std::move(members));
  }
}

// The target under which it stands there.
std::string add_account(Identities& out, const sign_in::Account& account) {
  const sign_in::Standing standing = sign_in::standing_of(account);
  std::vector<std::string> grants, passkeys;
  for (const sign_in::Grant& grant : account.grants) {
    grants.push_back(sign_in::print_grant(grant));
  }
  for (const auto& [credential, key] : standing.passkeys) {
    passkeys.push_back(digest_text(sha256(credential + " " + key)));
  }
  json::Object members{{"password", standing.password}};
  members["grants"] = json::texts(grants);
  if (!standing.code.empty()) {
    members["code"] = standing.code;
  }
  if (!passkeys.empty()) {
    members["passkeys"] = json::texts(passkeys);
  }
  add(out, "account", account.name, std::move(members));
  return std::string(kAccountTarget) + bounded_name(account.name);
}

}  // namespace

Result<json::Object> effective_now(Files& files, const Config& config, const KeySources& keys,
                                   bool development) {
  const Result<ConfigParts> parts = load_parts(files, config, keys);
  if (!parts) {
    return fail(parts.error());
  }
  json::Object out = effective_config(config, *parts);
  out["development"] = development;
  return out;
}

std::vector<StateChange> config_changes(const RecordedState::Configuration& before,
                                        const SectionDigests& now, const std::string& policy) {
  const std::string digest = config_digest(now);
  if (digest == before.digest) {
    return {};
  }
  json::Object body{{"digest", digest}, {"version", kVersion}, {"policy", policy}};
  if (!before.digest.empty()) {
    body["before"] = before.digest;
    body["changed"] = json::texts(changed_sections(before.sections, now));
  }
  json::Object sections;
  for (const auto& [name, section] : now) {
    sections[name] = section;
  }
  body["sections"] = std::move(sections);
  if (json::print(body).size() > kMostConfigurationBytes) {
    body.erase("changed");  // the sections of both records say it, too
  }
  return {{kinds::kConfigChanged, std::move(body)}};
}

Identities enrolled_now(const Config& config, const Keystore& keys,
                        const std::vector<Operator>& operators) {
  Identities out;
  for (const Operator& person : operators) {
    add(out, "operator", person.name, {{"kid", person.kid}, {"roles", json::texts(person.roles)}});
  }
  add_agents(config, keys, out);
  for (const ReaderConfig& reader : config.readers) {
    add(out, "reader", reader.id, {{"keys", json::texts({digest_text(sha256(reader.key))})}});
  }
  for (const JwtIssuerConfig& issuer : config.issuers) {
    add(out, "jwt_issuer", issuer.issuer, {});
  }
  for (const TrustDomainConfig& domain : config.trust_domains) {
    add(out, "trust_domain", domain.name, {});
  }
  for (const TrustedTokens& trusted : config.trusted_tokens) {
    add(out, "token_issuer", trusted.issuer, {});
  }
  if (out.size() > RecordedState::kMost) {
    log(LogLevel::kWarn, "identities_not_recorded",
        {{"count", std::to_string(out.size() - RecordedState::kMost)}});
    out.erase(std::next(out.begin(), RecordedState::kMost), out.end());
  }
  return out;
}

namespace {

std::vector<StateChange> changes(const std::map<std::string, std::string>& before,
                                 const Identities& now, bool of_accounts) {
  std::vector<StateChange> out;
  // First who goes, so that there is room for who comes.
  for (const auto& [target, digest] : before) {
    if (target.starts_with(kAccountTarget) == of_accounts && !now.contains(target)) {
      out.push_back({kinds::kIdentityRemoved, {{"identity", json::Object{{"target", target}}}}});
    }
  }
  for (const auto& [target, identity] : now) {
    const auto known = before.find(target);
    if (known == before.end() || known->second != digest_of(identity)) {
      out.push_back({kinds::kIdentityEnrolled, {{"identity", identity}}});
    }
  }
  return out;
}

}  // namespace

std::vector<StateChange> identity_changes(const std::map<std::string, std::string>& before,
                                          const Identities& now) {
  return changes(before, now, false);
}

std::vector<StateChange> account_changes(const std::map<std::string, std::string>& before,
                                         const sign_in::AccountList& now,
                                         const sign_in::AccountList* known) {
  Identities accounts;
  std::map<std::string, const sign_in::Account*> by_target;
  for (const sign_in::Account& account : now.accounts) {
    const std::string target = add_account(accounts, account);
    by_target[target] = &account;
  }
  std::vector<StateChange> out;
  std::size_t enrolled = before.size();
  for (StateChange& change : changes(before, accounts, true)) {
    const auto at = by_target.find(
        std::string(json::find_string(change.body, {"identity", "target"}).value_or("")));
    if (at == by_target.end()) {
      --enrolled;
    } else if (!before.contains(at->first) && enrolled++ >= RecordedState::kMost) {
      continue;  // it would not be folded, and said for ever
    }
    const sign_in::Account* was =
        at != by_target.end() && known != nullptr ? known->find(at->second->name) : nullptr;
    const std::vector<std::string> parts =
        was != nullptr ? sign_in::differences(*was, *at->second) : std::vector<std::string>();
    if (!parts.empty()) {
      change.body["changed"] = json::texts(parts);
    }
    out.push_back(std::move(change));
  }
  return out;
}

std::vector<StateChange> lost_processes(const std::map<Uuid, RecordedState::Process>& running) {
  std::vector<StateChange> out;
  for (const auto& [id, process] : running) {
    json::Object body{{"server", process.server}};
    if (!process.agent.empty()) {
      body["agent"] = process.agent;
    }
    body["end"] = "unknown";
    body["why"] = "gateway_ended";
    out.push_back({kinds::kProcessExited, std::move(body), {{id, Basis::kDeclared}}});
  }
  return out;
}

}  // namespace pawl
