// How what is so now differs from what the ledger last said of it, as records to be made.
//
// Purpose:    config.changed, identity.enrolled, identity.removed and the process.exited of
//             processes that nobody saw end (docs/formats/records.md).
// Threading:  pure functions, but effective_now() and enrolled_now(), which read.
// Privacy:    names and digests; no value of the configuration, no key.
// Errors:     effective_now(): the configuration cannot be read again.
// Not errors: nothing differs: no record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config/effective_config.h"
#include "base/files.h"
#include "foundation/keys/keystore.h"
#include "gateway/recorded_state.h"
#include "operators/sign_in/account.h"
#include "path/action.h"

namespace pawl {

struct StateChange {
  std::string_view kind;
  json::Object body;
  std::vector<Cause> causes{};
};

// `development`: serve --dev, a part of what is in force.
Result<json::Object> effective_now(Files& files, const Config& config, const KeySources& keys,
                                   bool development);

// `policy`: digest of the rule set in force.
std::vector<StateChange> config_changes(const RecordedState::Configuration& before,
                                        const SectionDigests& now, const std::string& policy);

// Who counts here, by target: "agent:triage" -> {"target":"agent:triage","keys":[...],...}. At most
// RecordedState::kMost; what is beyond is logged.
using Identities = std::map<std::string, json::Object>;
// `operators`: those of the keystore, or of its file as it is now.
Identities enrolled_now(const Config& config, const Keystore& keys,
                        const std::vector<Operator>& operators);
// All but accounts: of those `before` may say more.
std::vector<StateChange> identity_changes(const std::map<std::string, std::string>& before,
                                          const Identities& now);
// Accounts of people alone. `known`: as they were the last time, for what changed of them
// ("changed", beside "identity"); nullptr: then the record before says it. Together with those that
// are enrolled already, at most RecordedState::kMost.
std::vector<StateChange> account_changes(const std::map<std::string, std::string>& before,
                                         const sign_in::AccountList& now,
                                         const sign_in::AccountList* known = nullptr);

// The gateway ended before them, and they with it: how, nobody knows.
std::vector<StateChange> lost_processes(const std::map<Uuid, RecordedState::Process>& running);

}  // namespace pawl
