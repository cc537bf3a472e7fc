// Each row of the control table refuses what only it refuses, and lets it pass when it is
// unplugged.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"
#include "tests/support/unplugged/unplugged.h"

namespace pawl {
namespace {

struct ControlCase {
  const char* control;
  Code code;
  void (*arrange)(GatewayRig& rig, Action& action);
};

const ControlCase kCases[] = {
    {"stops", Code::kStopped, [](GatewayRig& rig, Action&) { rig.stop("agent:triage"); }},
    {"revocations", Code::kRevoked, [](GatewayRig& rig, Action&) { rig.revoke("agent:triage"); }},
    {"identity", Code::kUnauthenticated,
     [](GatewayRig&, Action& action) { action.caller.proof = Caller::Proof::kNone; }},
    {"numbers", Code::kInvalidParams,
     [](GatewayRig&, Action& action) { action.lossy_numbers = {"/params/arguments/n"}; }},
    {"tokens", Code::kDenied, [](GatewayRig& rig, Action&) { rig.must_have_policy = true; }},
    {"rules", Code::kDenied, [](GatewayRig& rig, Action&) { rig.set_rules("rules: []"); }},
};

TEST(Controls, EachRefusesOnTheLivePath) {
  for (const ControlCase& row : kCases) {
    SCOPED_TRACE(row.control);
    GatewayRig rig;
    Action action = rig.action("tool.call", "write_file");
    row.arrange(rig, action);
    CallView& call = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    ASSERT_TRUE(call.refused);
    EXPECT_EQ(call.refused->control, row.control);
    EXPECT_EQ(call.refused->code, row.code);
    EXPECT_FALSE(call.forwarded);
  }
}

TEST(Controls, EachLetsPassOnceUnplugged) {
  for (const ControlCase& row : kCases) {
    SCOPED_TRACE(row.control);
    const Unplugged out(*control_of(row.control));
    GatewayRig rig;
    Action action = rig.action("tool.call", "write_file");
    row.arrange(rig, action);
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
  }
}

TEST(Controls, TableAndTestNameTheSameRows) {
  GatewayRig rig;
  std::vector<std::string_view> tested;
  for (const ControlCase& row : kCases) {
    tested.push_back(row.control);
  }
  EXPECT_EQ(rig.controls->names(), tested);
}

TEST(Controls, DevelopmentModeWaivesOnlyIdentity) {
  GatewayRig rig(kAllowTriage, {}, true);
  Action action = rig.action("tool.call", "write_file");
  action.caller.proof = Caller::Proof::kNone;
  CallView& call = rig.submit(std::move(action));
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
}

}  // namespace
}  // namespace pawl
