// Whether anybody hears of a call that waits for people.
//
// Threading:  pure functions of what they are given; the accounts' file is read.
// Rule:       a channel is a webhook, or a way to sign in that somebody can use: an account of this
//             instance, or an OpenID provider. Who runs `pawl approvals list` or `watch` by
//             themselves is none: nobody may.
// Source:     docs/operations/be-told.md.
#pragma once

#include <string>

#include "app/config/config.h"
#include "foundation/rules/rules.h"

namespace pawl {

// Whether these rules, or policy tokens, can hold a call for people. `now`: seconds.
bool can_hold(const Config& config, const rules::RuleSet& rules, std::int64_t now);
// For people; empty: somebody is told, or nothing can wait.
std::string nobody_told(const Config& config, const rules::RuleSet& rules, Files& files,
                        std::int64_t now);

}  // namespace pawl
