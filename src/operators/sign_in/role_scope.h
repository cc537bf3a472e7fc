// Who may do what, where: a role within a scope.
//
// Purpose:    the one question of every people's API: may somebody with these grants act in this
//             role on that scope?
// Threading:  plain values, pure functions.
// Errors:     parse_grant: kInvalidParams, saying what was expected.
// Not errors: no grants: then everything is no.
// Rule:       roles do not contain each other, so that who enrolls people (admin) does not approve,
//             too; but each lets its holder look (viewer) in its scope. A scope covers itself;
//             `all` covers all, a server its tools. What else lies within a scope (the agents of a
//             group) is not known here, and is no.
// Source:     docs/operations/sign-in.md.
//
// Example:    may(grants, Role::kOperator, *parse_scope("tool:files/write_file"))
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/override/scope.h"

namespace pawl::sign_in {

enum class Role { kViewer, kOperator, kApprover, kAuditor, kAdmin };
inline constexpr std::array<std::string_view, 5> kRoleNames = {  // in the order of Role
    "viewer", "operator", "approver", "auditor", "admin"};
constexpr std::string_view role_name(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}
std::optional<Role> parse_role(std::string_view name);

inline constexpr std::size_t kMostGrants = 64;  // of one person

struct Grant {
  Role role = Role::kViewer;
  override_::Scope scope;

  friend bool operator==(const Grant&, const Grant&) = default;
};

// "operator" (scope all) or "operator@server:files".
Result<Grant> parse_grant(std::string_view text);
std::string print_grant(const Grant& grant);

bool covers(const override_::Scope& granted, const override_::Scope& asked);
bool may(std::span<const Grant> grants, Role role, const override_::Scope& asked);

}  // namespace pawl::sign_in
