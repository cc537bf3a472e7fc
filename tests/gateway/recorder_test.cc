// What the recorder makes of a draft. Between two logs: what would be appended waits, and goes into
// the next one in order.
#include "gateway/recorder.h"

#include <gtest/gtest.h>

#include <thread>

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

// kill -9 while answers wait for their turn: a note that had been renewed past the record of its
// own call got a second record at the next start, and the log was bad for ever.
TEST(Recorder, ANoteIsNotRenewedPastARecordThatNobodyWasToldOf) {
  GatewayRig rig;
  Action action;
  action.id = rig.recorder->new_id();
  action.caller.agent = "a";
  ASSERT_TRUE(rig.recorder->note(action, "digest"));
  RecordDraft draft;
  draft.id = action.id;
  draft.kind = "tool.call";
  bool told = false;
  rig.recorder->record(std::move(draft), [&](const Result<RecordRef>&) { told = true; });
  while (rig.ledger->size() == 0) {
    std::this_thread::yield();  // the record is durable, its answer waits in the scheduler
  }
  rig.recorder->tick();
  ASSERT_FALSE(told);
  std::vector<ledger::InFlightJournal::Found> found;
  ASSERT_TRUE(ledger::InFlightJournal::open(*rig.files_, "in_flight.journal", found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(ledger::without_outcome(std::move(found), *rig.ledger)->empty());
  ASSERT_TRUE(rig.run_until([&] { return told; }));
}

json::Value body_of_entry(GatewayRig& rig, std::uint64_t index, std::string_view member) {
  const Result<jose::Jws> jws = jose::decode(rig.ledger->entry(index).value());
  return *json::find(jws->payload, {"ect_ext", member});
}

// Records what `fill` puts into the body of a record; what the observer was told of it.
template <class Fill>
bool record_and_wait(GatewayRig& rig, std::string_view kind, const Fill& fill) {
  std::optional<bool> told;
  bool recorded = false;
  rig.recorder->on_recorded(
      [&](std::uint64_t, const RecordDraft& draft, std::string_view) { told = draft.leaves_open; });
  RecordDraft draft;
  draft.id = rig.recorder->new_id();
  draft.kind = kind;
  fill(draft);
  rig.recorder->record(std::move(draft), [&](const Result<RecordRef>& record) {
    EXPECT_TRUE(told.has_value());
    recorded = record.has_value();
  });
  EXPECT_TRUE(rig.run_until([&] { return recorded; }));
  rig.recorder->on_recorded({});
  return told.value_or(false);
}

TEST(Recorder, ABodyThatIsTooLargeKeepsWhatAReaderNeedsFirstAndTheDigestOfAll) {
  GatewayRig rig;
  std::string whole;
  record_and_wait(rig, "task.denied", [&](RecordDraft& draft) {
    draft.body.text("detail", std::string(5000, 'x'));
    draft.body.text("agent", "triage");
    draft.body.flag("intent", true);
    draft.causes = {{rig.recorder->new_id(), Basis::kDeclared}};
    json::ObjectText same = draft.body;
    same.raw("basis", R"(["declared"])");
    whole = same.take();
  });
  EXPECT_EQ(json::print(body_of_entry(rig, 0, "pawl.task")),
            R"({"agent":"triage","intent":true,"basis":["declared"],"body_hash":")" +
                digest_text(sha256(whole)) + R"("})");
}

// Whoever chooses the names of a call must not be able to keep it out of the ledger.
TEST(Recorder, ABodyWhoseNamesAreTooLargeIsStillARecord) {
  GatewayRig rig;
  std::string whole;
  record_and_wait(rig, "tool.call", [&](RecordDraft& draft) {
    for (const char* name : {"server", "tool", "task"}) {
      draft.put_name(name, std::string(256, '\x01'));
    }
    draft.put_outcome(Outcome::kConfirmed);
    draft.body.flag("intent", true);
    json::ObjectText same = draft.body;
    whole = same.take();
  });
  EXPECT_EQ(json::print(body_of_entry(rig, 0, "pawl.tool")),
            R"({"outcome":"confirmed","intent":true,"body_hash":")" + digest_text(sha256(whole)) +
                R"("})");
}

TEST(Recorder, ACallHasTheDigestsOfTheExactBytesThatWentAndCameAndNoneOfThem) {
  GatewayRig rig;
  Action action = rig.action("tool.call", "a", R"({"x": "asked-4711"})");
  const std::string params = action.params;
  const std::string result = R"({"content": [ ], "n": "told-4712"})";
  CallView& call = rig.submit(std::move(action));
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  call.events->answered({true, result});
  ASSERT_TRUE(rig.run_until([&] { return call.released; }));
  EXPECT_EQ(rig.text(*call.record, {"inp_hash"}), digest_text(sha256(params)));
  EXPECT_EQ(rig.text(*call.record, {"out_hash"}), digest_text(sha256(result)));
  const json::Value payload = rig.payload(*call.record);
  for (const char* word : {"asked-4711", "told-4712"}) {
    EXPECT_EQ(json::print(payload).find(word), std::string::npos) << word;
  }
  EXPECT_EQ(json::print(*json::find(payload, {"aud"})),
            R"(["spiffe://example.org/pawl/gw1/ledger","spiffe://example.org/agent/triage"])");
}

class HeldBodies final : public BodyStore {
 public:
  std::string keep(const Uuid& record, std::string_view body, WallTime) override {
    names.push_back(record.text());
    bodies.emplace_back(body);
    return retention;
  }
  std::vector<std::string> names, bodies;
  std::string retention = "body/2026-11";
};

TEST(Recorder, ABodyThatDoesNotFitIsKeptAndItsRecordSaysSo) {
  GatewayRig rig;
  HeldBodies kept;
  rig.recorder->keep_bodies_in(&kept);
  const auto record = [&](const std::function<void(RecordDraft&)>& fill) {
    record_and_wait(rig, "task.denied", [&](RecordDraft& draft) {
      draft.body.text("agent", "triage");
      fill(draft);
    });
  };
  record([](RecordDraft& draft) { draft.body.text("detail", R"(fits [[[[ {{{{ \" [[)"); });
  record([](RecordDraft& draft) { draft.body.raw("deep", "[[1],[2],[[3]],[4]]"); });
  EXPECT_TRUE(kept.bodies.empty());
  record([](RecordDraft& draft) { draft.body.text("detail", std::string(5000, 'x')); });
  record([](RecordDraft& draft) { draft.body.raw("deep", "[[[[1]]]]"); });
  kept.retention.clear();
  record([](RecordDraft& draft) { draft.body.text("detail", std::string(5000, 'y')); });
  ASSERT_EQ(kept.bodies.size(), 3u);
  EXPECT_EQ(kept.bodies[1], R"({"agent":"triage","deep":[[[[1]]]]})");
  for (std::size_t i = 0; i < 3; ++i) {
    const json::Value body = body_of_entry(rig, i + 2, "pawl.task");
    EXPECT_EQ(json::print(body), R"({"agent":"triage","body_hash":")" +
                                     digest_text(sha256(kept.bodies[i])) +
                                     (i < 2 ? R"(","body_kept":"body/2026-11"})" : R"("})"));
  }
  rig.recorder->keep_bodies_in(nullptr);
}

TEST(Recorder, ANameOfAnyLengthIsBounded) {
  GatewayRig rig;
  record_and_wait(rig, "task.denied", [](RecordDraft& draft) {
    draft.put_name("tool", std::string(256, 'x'));
    draft.put_name("server", std::string(257, 'x'));
  });
  const json::Value body = body_of_entry(rig, 0, "pawl.task");
  EXPECT_EQ(json::find_string(body, {"tool"}), std::string(256, 'x'));
  EXPECT_EQ(json::find_string(body, {"server"}),
            "sha256:" + digest_text(sha256(std::string(257, 'x'))));
}

TEST(Recorder, TheObserverLearnsWhatIsLeftOpen) {
  GatewayRig rig;
  for (const Outcome outcome : {Outcome::kConfirmed, Outcome::kFailed, Outcome::kUnknown,
                                Outcome::kDenied, Outcome::kError}) {
    EXPECT_EQ(
        record_and_wait(rig, "tool.call", [&](RecordDraft& draft) { draft.put_outcome(outcome); }),
        outcome == Outcome::kUnknown)
        << outcome_name(outcome);
  }
  std::optional<bool> told;
  rig.recorder->on_recorded(
      [&](std::uint64_t, const RecordDraft& draft, std::string_view) { told = draft.leaves_open; });
  for (const bool goes_on : {false, true}) {
    CallView& call = rig.submit("tool.call", "write_file");
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    call.events->answered(
        {.success = true, .body = R"({"content":[]})", .followed = goes_on ? "sealed" : ""});
    ASSERT_TRUE(rig.run_until([&] { return call.released; }));
    EXPECT_EQ(told, goes_on);
  }
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
