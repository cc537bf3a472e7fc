// What single-user mode cannot protect, said at every start. The same list as docs/LIMITATIONS.md,
// "Single-user mode"; tests/e2e/hostile.test.mjs tries each line and compares both lists.
// Threading: start-up.
#pragma once

#include <array>
#include <string_view>

#include "app/config/config.h"

namespace pawl {

inline constexpr std::array<std::string_view, 8> kSingleUserLimits = {
    "read DATA/keys: the instance's signing key, the log's key and the secret",
    "read DATA/operator.pem, if the key is there, and resume what was stopped or approve a held "
    "call",
    "read DATA/run/control.token and override.token: see the state, stop narrow scopes",
    "connect to the control and override listeners and to DATA/run/wrap.sock",
    "change pawl.yaml and the rule files, and reload them",
    "delete or overwrite the ledger and the journal",
    "read files from which pawl.yaml takes secrets",
    "end the daemon (servers then end with it; no call passes ungoverned)",
};

// What the log says first: one line for each of these, and one for each warning of the
// configuration. A service has a user of its own for servers.
void tell_at_start(const Config& config, bool is_service);

}  // namespace pawl
