#include "foundation/ect/exec_audit.h"

#include <algorithm>

#include "base/json.h"

namespace pawl::ect {
namespace {

std::string_view named_domain(const Claims& claims, const IssuerRules& rules) {
  const json::Value* member =
      claims.ext.if_contains(rules.domain_member.empty() ? names::kExtDomain : rules.domain_member);
  if (member != nullptr && rules.domain_member.empty()) {
    return json::find_string(*member, {"domain"}).value_or("");
  }
  return member != nullptr && member->is_string() ? std::string_view(member->get_string()) : "";
}

}  // namespace

Status check_issuer_rules(const Token& token, const IssuerRules& rules) {
  const Profile& profile = rules.is_exec_audit ? kExecAuditProfile : kEctProfile;
  const std::span<const Dialect> allowed = profile.dialects;
  if (std::find(allowed.begin(), allowed.end(), token.dialect) == allowed.end()) {
    return fail(Code::kTokenInvalid,
                "bad_type: a token of this issuer is of the profile " + std::string(profile.name));
  }
  if (token.level < profile.minimum) {
    return fail(Code::kTokenInvalid, "level: of the profile " + std::string(profile.name) + " " +
                                         std::string(level_name(profile.minimum)) + " is needed");
  }
  if (!rules.domain.empty() && named_domain(token.claims, rules) != rules.domain) {
    return fail(Code::kTokenInvalid,
                "wrong_domain: a token of this issuer names the domain " + rules.domain);
  }
  return {};
}

std::string print_domain_facts(const DomainFacts& facts) {
  json::Object out{{"domain", facts.domain}};
  if (!facts.jurisdiction.empty()) {
    out["jurisdiction"] = facts.jurisdiction;
  }
  if (!facts.framework.empty()) {
    out["framework"] = facts.framework;
  }
  if (!facts.regulations.empty()) {
    out["regulations"] = json::Array(facts.regulations.begin(), facts.regulations.end());
  }
  return json::print(out);
}

}  // namespace pawl::ect
