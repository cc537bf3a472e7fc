// The recorder between two logs: what would be appended waits, and goes into the next one in order.
#include "gateway/recorder.h"

#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

std::unique_ptr<ledger::Ledger> next_log(GatewayRig& rig) {
  ledger::Options options;
  options.origin = "example.org/pawl/gw1/2";
  options.segment_bytes = 1 << 20;
  options.reserve_bytes = 0;
  ledger::Recovery recovery;
  return *ledger::Ledger::open(
      *rig.files_, "ledger2", *rig.log_key_, rig.clock,
      [&rig](std::function<void()> task) { rig.scheduler.post(std::move(task)); }, options, 1,
      [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
}

TEST(Recorder, PausedItHoldsWhatIsNewAndTellsWhenTheRestIsAnswered) {
  GatewayRig rig;
  CallView& open = rig.submit("tool.call", "write_file");
  bool drained = false;
  rig.recorder->pause([&] { drained = true; });
  EXPECT_FALSE(drained);  // the intent waits for the disk
  ASSERT_TRUE(rig.run_until([&] { return drained; }));
  EXPECT_TRUE(open.forwarded);
  CallView& fresh = rig.submit("tool.call", "write_file");
  open.events->answered({true, R"({"content":[]})"});
  bool turned = false;
  rig.scheduler.post([&] { turned = true; });
  ASSERT_TRUE(rig.run_until([&] { return turned; }));
  EXPECT_FALSE(open.released);
  EXPECT_FALSE(fresh.forwarded);
  EXPECT_EQ(rig.ledger->size(), 0u);

  const std::vector<ledger::Intent> carried = rig.ledger->open_intents();
  ASSERT_EQ(carried.size(), 1u);
  std::unique_ptr<ledger::Ledger> next = next_log(rig);
  rig.recorder->go_on(*next, [&] {
    next->append_intent({carried[0].id, carried[0].body, true}, [](const Status&) {});
    RecordDraft draft;
    draft.id = rig.recorder->new_id();
    draft.kind = "ledger.opened";
    rig.recorder->record(std::move(draft), [](const Result<RecordRef>&) {});
  });
  ASSERT_TRUE(rig.run_until([&] { return open.released && fresh.forwarded; }));
  fresh.events->answered({true, R"({"content":[]})"});
  ASSERT_TRUE(rig.run_until([&] { return fresh.released; }));
  EXPECT_EQ(rig.ledger->size(), 0u);
  EXPECT_EQ(next->size(), 3u);
  EXPECT_EQ(open.record->index, 1u);  // behind the first record
  EXPECT_TRUE(next->open_intents().empty());
  rig.gateway.reset();
  rig.recorder.reset();
}

TEST(Recorder, PausedAtRestItIsDrainedAtOnceAndMayGoOnInTheSameLog) {
  GatewayRig rig;
  bool drained = false;
  rig.recorder->pause([&] { drained = true; });
  EXPECT_TRUE(drained);
  CallView& call = rig.submit("tool.call", "write_file");
  rig.recorder->go_on(*rig.ledger, [] {});
  EXPECT_TRUE(rig.run_until([&] { return call.forwarded; }));
}

}  // namespace
}  // namespace pawl
