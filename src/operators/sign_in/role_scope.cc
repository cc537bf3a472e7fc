#include "operators/sign_in/role_scope.h"

#include <algorithm>

namespace pawl::sign_in {

using override_::Scope;
using override_::ScopeKind;

std::optional<Role> parse_role(std::string_view name) {
  const auto at = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  return at == kRoleNames.end() ? std::nullopt
                                : std::optional(static_cast<Role>(at - kRoleNames.begin()));
}

Result<Grant> parse_grant(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::optional<Role> role = parse_role(text.substr(0, at));
  if (!role) {
    return fail(Code::kInvalidParams,
                "grant \"" + std::string(text) +
                    "\": expected viewer, operator, approver, auditor or admin, and @SCOPE where "
                    "it is not for all");
  }
  const Result<Scope> scope =
      at == text.size() ? Scope{} : override_::parse_scope(text.substr(at + 1));
  if (!scope) {
    return fail_at("grant \"" + std::string(text) + "\"", scope.error());
  }
  return Grant{*role, *scope};
}

std::string print_grant(const Grant& grant) {
  const std::string role(role_name(grant.role));
  return grant.scope.kind == ScopeKind::kAll ? role : role + "@" + grant.scope.text();
}

bool covers(const Scope& granted, const Scope& asked) {
  if (granted.kind == ScopeKind::kAll || granted == asked) {
    return true;
  }
  return granted.kind == ScopeKind::kServer && asked.kind == ScopeKind::kTool &&
         asked.value.starts_with(granted.value + "/");
}

bool may(std::span<const Grant> grants, Role role, const Scope& asked) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) {
    return (grant.role == role || role == Role::kViewer) && covers(grant.scope, asked);
  });
}

}  // namespace pawl::sign_in
