// What the tests of held calls share: a gateway that asks people, and how a call of it stands.
//
// Example: TEST_F(ApprovalDeskTest, ACallWaits) { CallView& call = rig.hold("pay"); ... }
#pragma once

#include <gtest/gtest.h>

#include "tests/gateway/approval_rig.h"

namespace pawl {

inline bool ends(ApprovalRig& rig, const CallView& call) {
  return rig.run_until([&] { return call.ended(); });
}
inline bool is_forwarded(ApprovalRig& rig, const CallView& call) {
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
  EXPECT_FALSE(call.refused) << call.refused->reason;
  return call.forwarded;
}
inline void answer(ApprovalRig& rig, const CallView& call) {
  call.events->answered({true, "{}"});
  EXPECT_TRUE(ends(rig, call));
}
inline Code code_of(const Result<json::Object>& result) {
  return result ? Code::kInternal : result.error().code;
}

class ApprovalDeskTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(rig.enroll("ann", {"approver"})); }
  // One that is approved and whose call went through and was answered.
  Uuid let_through(const std::string& tool) {
    CallView& call = rig.hold(tool);
    const approval::Approval& asked = rig.only();
    EXPECT_TRUE(rig.decide("ann", asked, approval::Decision::kApprove));
    EXPECT_TRUE(is_forwarded(rig, call));
    answer(rig, call);
    EXPECT_TRUE(rig.run_until([&] { return asked.delivered; }));
    return asked.id;
  }

  ApprovalRig rig;
};

}  // namespace pawl
