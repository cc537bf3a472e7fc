#include "app/api/viewer.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

Viewer viewer_with(std::initializer_list<const char*> grants) {
  std::vector<sign_in::Grant> out;
  for (const char* grant : grants) {
    out.push_back(*sign_in::parse_grant(grant));
  }
  return Viewer(out);
}

store::RecordRow row_of(const char* agent, const char* server, const char* tool) {
  store::RecordRow out;
  out.agent = agent;
  out.server = server;
  out.tool = tool;
  return out;
}

TEST(Viewer, SeesWhatAnyRoleCoversAndNothingElse) {
  const store::RecordRow write = row_of("triage", "files", "write"),
                         read = row_of("triage", "files", "read"),
                         mail = row_of("billing", "mail", "send"), state = row_of("", "", "");
  const struct {
    const char* name;
    Viewer viewer;
    bool write, read, mail, state;
  } cases[] = {
      {"token", Viewer::of_token(), true, true, true, true},
      {"all", viewer_with({"approver"}), true, true, true, true},
      {"nothing", viewer_with({}), false, false, false, false},
      {"server", viewer_with({"viewer@server:files"}), true, true, false, false},
      {"tool", viewer_with({"admin@tool:files/write"}), true, false, false, false},
      {"agent", viewer_with({"operator@agent:billing"}), false, false, true, false},
      {"two", viewer_with({"viewer@agent:billing", "viewer@tool:files/read"}), false, true, true,
       false},
      {"a group is not known of records", viewer_with({"viewer@group:team"}), false, false, false,
       false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.viewer.sees(write), c.write) << c.name;
    EXPECT_EQ(c.viewer.sees(read), c.read) << c.name;
    EXPECT_EQ(c.viewer.sees(mail), c.mail) << c.name;
    EXPECT_EQ(c.viewer.sees(state), c.state) << c.name;
    EXPECT_EQ(c.viewer.must_see_all().has_value(), c.state) << c.name;
    EXPECT_EQ(c.viewer.scope().has_value(), !c.state) << c.name;
  }
}

TEST(Viewer, OfOneToolSeesThatServerByItsToolAlone) {
  const Viewer viewer = viewer_with({"viewer@tool:files/write"});
  EXPECT_TRUE(viewer.sees_server("files"));
  EXPECT_FALSE(viewer.sees_server("file"));
  EXPECT_TRUE(viewer.sees_tool("files", "write"));
  EXPECT_FALSE(viewer.sees_tool("files", "read"));
  ASSERT_TRUE(viewer.scope());
  EXPECT_EQ(viewer.scope()->tools,
            (std::vector<std::pair<std::string, std::string>>{{"files", "write"}}));
}

}  // namespace
}  // namespace pawl
