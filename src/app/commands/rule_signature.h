// Signs the set of rules of some files, for `pawl rules sign` and the first set of `pawl init`.
//
// Threading:  the main thread.
// Errors:     kMalformed (the rules do not load, or have no header), kConflict (the version does
//             not rise above that of the signed set here), and what writing says.
// Not errors: a set that is signed already: it is signed again.
#pragma once

#include <optional>
#include <string>

#include "app/commands/rules_explain.h"
#include "foundation/crypto/signing_key.h"
#include "governance/policy/set_wire.h"

namespace pawl {

struct SignedRules {
  SetStatement statement;
  std::string kid;
  std::string file;  // the signature's
};

// `before`: nullopt: that of DATA/rules_in_force.json.
Result<SignedRules> sign_rules(Context& context, const LoadedRules& rules, const DataFolder& folder,
                               const std::string& instance, const SigningKey& key,
                               const std::optional<std::string>& before = std::nullopt);

}  // namespace pawl
