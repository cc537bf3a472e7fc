// Whose task a handle opens, and which tool it names.
#include "infrastructure/bridge/task_handles.h"

#include <gtest/gtest.h>

namespace pawl::bridge {
namespace {

const TaskOwner kOwner{"triage", "build", mcp::Era::kModern};

class TaskHandlesTest : public ::testing::Test {
 protected:
  std::string created(const std::string& tool, const TaskOwner& owner = kOwner) {
    handles.create(owner, "1", tool);
    return handles.wrap(owner, "1");
  }
  TaskHandles handles{std::string(32, 'k')};
};

TEST_F(TaskHandlesTest, NamesTheToolOfTheLastCallThatMadeATaskOfThisId) {
  const std::string before = created("safe");
  EXPECT_EQ(handles.open(kOwner, before)->tool, "safe");
  const std::string now = created("danger");
  EXPECT_EQ(handles.open(kOwner, now)->tool, "danger");
  EXPECT_EQ(handles.tool_of(kOwner, "1"), "danger");
  EXPECT_FALSE(handles.open(kOwner, before)) << "that task is gone, its id is another's";
}

TEST_F(TaskHandlesTest, OpensForItsOwnerOnly) {
  const std::string handle = created("safe");
  for (const TaskOwner& other : {TaskOwner{"deploy", "build", mcp::Era::kModern},
                                 TaskOwner{"triage", "files", mcp::Era::kModern},
                                 TaskOwner{"triage", "build", mcp::Era::kLegacy}}) {
    EXPECT_FALSE(handles.open(other, handle));
    EXPECT_FALSE(handles.is_known(other, "1"));
    EXPECT_NE(created("safe", other), handle);
  }
  EXPECT_EQ(handles.open(kOwner, handle)->id, "1");
}

TEST_F(TaskHandlesTest, OpensAfterARestart) {
  const std::string handle = created("safe");
  TaskHandles anew{std::string(32, 'k')};
  EXPECT_EQ(anew.open(kOwner, handle)->tool, "safe");
  EXPECT_FALSE(TaskHandles{std::string(32, 'x')}.open(kOwner, handle));
}

}  // namespace
}  // namespace pawl::bridge
