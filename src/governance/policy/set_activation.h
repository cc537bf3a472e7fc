// Whether a set of rules may take force after the one that is: the core.
//
// Purpose:    versions only rise, and where sets have to be signed, none without a signature that
//             says exactly this set, after exactly the signed one before.
// Threading:  pure functions, plain values.
// Errors:     kConflict (the version does not rise; signed after another set), kUnauthenticated (no
//             signature, and one is needed), kBadSignature (it says another set).
// Not errors: the set that is in force already, whoever signed it: it stays.
//
// Example:
//   if (!check_version(before, set) || !check_signature(before, set, statement, demand)) {
//     ... the one before stays in force ...
//   }
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "foundation/rules/rules.h"
#include "governance/policy/set_wire.h"
#include "governance/policy/signature_demand.h"

namespace pawl {

// What the ledger says of the set in force.
struct SetInForce {
  std::string digest;         // empty: there was none yet
  std::string name, owner;    // empty: it had no header
  std::int64_t version = 0;   // the highest that was in force, whatever set had it
  bool is_signed = false;     // the one in force
  std::string signed_digest;  // of the last that was signed; empty: none was
  bool operator==(const SetInForce&) const = default;
};

// The same set under the same name, owner and version: nothing to decide.
bool is_in_force(const SetInForce& before, const rules::RuleSet& set);
// kConflict.
Status check_version(const SetInForce& before, const rules::RuleSet& set);
// That a signature is there where one is needed, and says this set. `statement`: of a signature
// that verifies, else null. kUnauthenticated, kBadSignature, kConflict.
Status check_signature(const SetInForce& before, const rules::RuleSet& set,
                       const SetStatement* statement, SignatureDemand demand);
// Whether it says this set: name, owner, version and digest.
bool says_set(const SetStatement& statement, const rules::RuleSet& set);
// The state behind it.
SetInForce after_activation(const SetInForce& before, const rules::RuleSet& set, bool is_signed);

}  // namespace pawl
