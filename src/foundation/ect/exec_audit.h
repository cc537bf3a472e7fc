// Execution audit tokens: a profile of the token engine (docs/formats/exec_audit.md).
//
// Purpose:    one engine, and a record of what differs: types, carriage, the extension's name, and
// of
//             each issuer its level and its domain.
// Threading:  pure functions; values are plain.
// Errors:     kTokenInvalid with a reason in front: bad_type, level, wrong_domain.
// Not errors: a token of the engine without facts of a domain, from an issuer that need not name
// one. Names:      the profile's are PROBABLE (the draft's text was not at hand); the facts are
// OURS.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "foundation/ect/ect.h"
#include "foundation/ect/issuer_rules.h"
#include "foundation/records/names.h"

namespace pawl::ect {

struct Profile {
  std::string_view name;              // in the configuration
  std::span<const Dialect> dialects;  // by the typ of the header
  std::string_view field;             // of HTTP
  std::string_view extension;         // the claim
  Level minimum;                      // of a token of another issuer
};

inline constexpr std::array kEctDialects = {Dialect::kEct00, Dialect::kEct01, Dialect::kEctCbor00};
inline constexpr std::array kExecAuditDialects = {Dialect::kEct01};
inline constexpr Profile kEctProfile{"ect", kEctDialects, names::kFieldEct, names::kClaimEctExt,
                                     Level::kL1};
inline constexpr Profile kExecAuditProfile{"exec-audit", kExecAuditDialects, names::kFieldEct,
                                           names::kClaimEctExt, Level::kL2};

Status check_issuer_rules(const Token& token, const IssuerRules& rules);

std::string print_domain_facts(const DomainFacts& facts);

}  // namespace pawl::ect
