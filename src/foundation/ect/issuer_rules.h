// What the operator says of domains: of those whose tokens are taken, and of our own.
//
// Threading:  plain values. Judged and printed by exec_audit.h.
#pragma once

#include <string>
#include <vector>

namespace pawl::ect {

// Asked of the tokens of one issuer, beside a signature of its own.
struct IssuerRules {
  bool is_exec_audit = false;   // they are execution audit tokens, and no others
  std::string domain{};         // which they must name; empty: none is asked for
  std::string domain_member{};  // of the extension; empty: pawl.domain, its member `domain`
};

// Where and under which rules a task was carried out: `pawl.domain` of the extension.
struct DomainFacts {
  std::string domain{}, jurisdiction{}, framework{};
  std::vector<std::string> regulations{};
};

}  // namespace pawl::ect
