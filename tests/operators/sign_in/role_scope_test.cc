#include "operators/sign_in/role_scope.h"

#include <gtest/gtest.h>

namespace pawl::sign_in {
namespace {

std::vector<Grant> grants_of(std::initializer_list<std::string_view> texts) {
  std::vector<Grant> out;
  for (const std::string_view text : texts) {
    out.push_back(*parse_grant(text));
  }
  return out;
}

TEST(RoleScope, ARoleWithinAScope) {
  const struct {
    const char* name;
    std::vector<Grant> grants;
    Role role;
    const char* scope;
    bool may;
  } cases[] = {
      {"nobody", {}, Role::kViewer, "all", false},
      {"everywhere", grants_of({"operator"}), Role::kOperator, "agent:triage", true},
      {"everything", grants_of({"operator"}), Role::kOperator, "all", true},
      {"who acts may look", grants_of({"operator"}), Role::kViewer, "all", true},
      {"who looks may not act", grants_of({"viewer"}), Role::kOperator, "all", false},
      {"an admin does not approve", grants_of({"admin"}), Role::kApprover, "all", false},
      {"an admin does not stop", grants_of({"admin"}), Role::kOperator, "all", false},
      {"an approver enrolls nobody", grants_of({"approver"}), Role::kAdmin, "all", false},
      {"an auditor does not approve", grants_of({"auditor"}), Role::kApprover, "all", false},
      {"of one server", grants_of({"operator@server:files"}), Role::kOperator, "server:files",
       true},
      {"its tools", grants_of({"operator@server:files"}), Role::kOperator, "tool:files/write_file",
       true},
      {"another server", grants_of({"operator@server:files"}), Role::kOperator, "server:mail",
       false},
      {"a server of a longer name", grants_of({"operator@server:files"}), Role::kOperator,
       "tool:files2/write", false},
      {"more than it has", grants_of({"operator@server:files"}), Role::kOperator, "all", false},
      {"looks only there", grants_of({"operator@server:files"}), Role::kViewer, "server:mail",
       false},
      {"a tool is not its server", grants_of({"operator@tool:files/read"}), Role::kOperator,
       "server:files", false},
      {"another kind of the same name", grants_of({"operator@agent:files"}), Role::kOperator,
       "server:files", false},
      {"who is in a group is not known here", grants_of({"operator@group:vendor"}), Role::kOperator,
       "agent:triage", false},
      {"roles of different scopes do not mix",
       grants_of({"approver@server:files", "operator@server:mail"}), Role::kApprover, "server:mail",
       false},
      {"the second grant", grants_of({"viewer@server:mail", "approver@server:files"}),
       Role::kApprover, "tool:files/x", true},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(may(one.grants, one.role, *override_::parse_scope(one.scope)), one.may) << one.name;
  }
}

TEST(RoleScope, GrantsHaveOneSpelling) {
  for (const char* text :
       {"viewer", "operator", "approver", "auditor", "admin", "operator@tool:files/a@b"}) {
    const Result<Grant> grant = parse_grant(text);
    ASSERT_TRUE(grant) << text;
    EXPECT_EQ(print_grant(*grant), text);
  }
  for (const char* text :
       {"", "root", "Admin", "admin ", "@all", "operator@", "operator@files", "operator@server:"}) {
    EXPECT_FALSE(parse_grant(text)) << text;
  }
  EXPECT_EQ(print_grant(*parse_grant("operator@all")), "operator");
}

}  // namespace
}  // namespace pawl::sign_in
