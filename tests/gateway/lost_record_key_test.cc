// The key of the records is lost (a token that was pulled out) and comes back.
#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"
#include "tests/support/lost_key.h"

namespace pawl {
namespace {

TEST(LostRecordKey, NothingBeginsAndOutcomesOfWhatWasBegunAreRecordedWhenItIsBack) {
  GatewayRig rig;
  LostKey lost(rig.key());
  rig.recorder->sign_with(lost.key(), "kid");
  CallView& first = rig.submit("tool.call", "write_file");
  CallView& second = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return first.forwarded && second.forwarded; }));
  lost.lose();
  first.events->answered({true, R"({"content":[]})"});
  second.events->answered({true, R"({"content":[]})"});
  bool turned = false;
  rig.scheduler.post([&] { turned = true; });
  ASSERT_TRUE(rig.run_until([&] { return turned; }));
  EXPECT_FALSE(first.released || second.released) << "no answer without its record";
  EXPECT_EQ(rig.recorder->closed_because(),
            "the key of the records does not sign: JWS: the token is gone");

  CallView& refused = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return refused.refused.has_value(); }));
  EXPECT_FALSE(refused.forwarded);
  rig.recorder->tick();
  EXPECT_FALSE(rig.recorder->closed_because().empty());

  lost.find();
  rig.recorder->tick();
  EXPECT_EQ(rig.recorder->closed_because(), "");
  ASSERT_TRUE(rig.run_until([&] { return first.released && second.released; }));
  ASSERT_TRUE(first.record && second.record);
  EXPECT_LT(first.record->index, second.record->index) << "in order";
  EXPECT_TRUE(rig.ledger->open_intents().empty());
  CallView& fresh = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return fresh.forwarded; }));
}

TEST(LostRecordKey, AHolderThatIsGoneIsNoticedBeforeACallIsForwarded) {
  GatewayRig rig;
  LostKey lost(rig.key());
  rig.recorder->sign_with(lost.key(), "kid");
  lost.lose_seen();
  rig.recorder->tick();
  EXPECT_EQ(rig.recorder->closed_because(),
            "the key of the records does not sign: nobody is there");
  CallView& call = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return call.refused.has_value(); }));
  EXPECT_FALSE(call.forwarded);
  lost.find();
  rig.recorder->tick();
  EXPECT_EQ(rig.recorder->closed_because(), "");
  CallView& fresh = rig.submit("tool.call", "write_file");
  ASSERT_TRUE(rig.run_until([&] { return fresh.forwarded; }));
}

TEST(LostRecordKey, WhatWaitsForItFailsWhenTheProcessEnds) {
  GatewayRig rig;
  LostKey lost(rig.key());
  rig.recorder->sign_with(lost.key(), "kid");
  lost.lose();
  int failed = 0;
  for (const bool closes : {true, false}) {
    RecordDraft draft;
    draft.id = rig.recorder->new_id();
    draft.kind = "tool.call";
    draft.closes_intent = closes;
    rig.recorder->record(std::move(draft),
                         [&](const Result<RecordRef>& recorded) { failed += recorded ? 0 : 1; });
  }
  EXPECT_EQ(failed, 1) << "an outcome waits, the rest is refused at once";
  rig.recorder->stop_waiting();
  EXPECT_EQ(failed, 2);
}

}  // namespace
}  // namespace pawl
