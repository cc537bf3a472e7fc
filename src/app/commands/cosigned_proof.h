// Proofs and exports by the newest checkpoint that witnesses cosigned, as pawl.yaml asks.
//
// Purpose:    `pawl ledger prove` and `export` speak of what the daemon speaks of over HTTP
//             (app/daemon/witnessed_log.h), without one.
// Threading:  the main thread.
// Errors:     kEvidenceUnavailable: witnesses are required, and no checkpoint that meets the policy
// is
//             there, or covers the entry. kMalformed, kNotFound, kIo: `witnesses` of pawl.yaml, the
//             policy; and what prove_offline() says.
// Not errors: no `witnesses`: the newest checkpoint. Not required, and not covered: likewise.
#pragma once

#include <optional>
#include <string>

#include "app/commands/command.h"
#include "foundation/ledger/ledger.h"

namespace pawl {

// `root`: where the log stands. The newest cosigned checkpoint that covers entry `index`; nullopt:
// the newest checkpoint.
Result<std::optional<ledger::Checkpoint>> head_by_policy(Context& context, const std::string& root,
                                                         std::uint64_t index);
Result<std::string> prove_by_policy(Context& context, const std::string& root, std::uint64_t index);
// What an export has to end with; nullopt: the newest checkpoint.
Result<std::optional<ledger::Checkpoint>> required_end(Context& context, const std::string& root);

}  // namespace pawl
