// What an intent consumed is spent in the same way by the record of its outcome and by that of a
// restart. Nothing consumes anything yet but the synthetic part of these tests.
#include "gateway/recovery.h"

#include <gtest/gtest.h>

#include <set>

#include "foundation/records/names.h"
#include "gateway/folded_record.h"
#include "gateway/folded_unknowns.h"
#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

// A part that has no kind of its own: it lives on what records say beside theirs.
struct SpentUses {
  std::set<std::string> spent;

  static bool has(std::string_view) { return false; }
  void apply(const FoldedRecord& record) {
    if (const json::Value* approval = json::find(record.body, {names::kBodyApproval})) {
      spent.insert(json::print(*approval));
    }
  }
  void print_to(json::Object& out) const {
    json::Array list(spent.begin(), spent.end());
    out["spent"] = std::move(list);
  }
  static Result<SpentUses> read(const json::Value& state) {
    SpentUses out;
    const json::Value* list = json::find(state, {"spent"});
    for (const json::Value& one : list != nullptr ? list->get_array() : json::Array()) {
      out.spent.insert(std::string(one.get_string()));
    }
    return out;
  }
};
using Parts = Fold<FoldedUnknowns, SpentUses>;

std::string spent_in(const SpentUses& part) {
  json::Object out;
  part.print_to(out);
  return json::print(out);
}

Parts replayed(const GatewayRig& rig) {
  Parts out;
  for (std::uint64_t index = 0; index < rig.ledger->size(); ++index) {
    const std::string token = *rig.ledger->entry(index);
    read_folded(index, token, [&](const FoldedRecord& record) { out.apply(record); });
  }
  return out;
}

// As governance folds: what the kind and the draft do not name is not read.
void fold_live(GatewayRig& rig, Parts& live) {
  rig.recorder->on_recorded(
      [&live](std::uint64_t index, const RecordDraft& draft, std::string_view token) {
        if (draft.changes_decisions() || Parts::has(draft.kind)) {
          read_folded(index, token, [&](const FoldedRecord& record) { live.apply(record); });
        }
      });
}

const ApprovalUse kUse{*Uuid::parse("0190a000-0000-7000-8000-000000000001"), 2};
constexpr std::string_view kSpent =
    R"({"spent":["{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"use\":2}"]})";

Action approved(GatewayRig& rig) {
  Action action = rig.action("tool.call", "write_file");
  action.approval = kUse;
  return action;
}

void recover(GatewayRig& rig, Parts& live) {
  rig.gateway.reset();
  rig.ledger.reset();
  rig.open();
  ASSERT_EQ(rig.recovery.open_intents.size(), 1u);
  fold_live(rig, live);
  bool done = false;
  record_unknowns(*rig.recorder, rig.recovery.open_intents, {},
                  [&](const Result<std::size_t>& count) { done = count.has_value(); });
  ASSERT_TRUE(rig.run_until([&] { return done; }));
}

TEST(Recovery, WhatAnIntentConsumedIsSpentHoweverTheCallEnds) {
  enum class End { kAnswered, kFailed, kLost, kStopped, kWithdrawn, kKilled };
  const struct {
    const char* name;
    End end;
  } cases[] = {{"answered", End::kAnswered},   {"failed", End::kFailed},
               {"lost", End::kLost},           {"stopped before it was sent", End::kStopped},
               {"withdrawn", End::kWithdrawn}, {"killed", End::kKilled}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    GatewayRig rig;
    Parts live;
    fold_live(rig, live);
    CallView& call = rig.submit(approved(rig));
    if (c.end == End::kStopped) {
      rig.stop("all");
    } else {
      ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    }
    switch (c.end) {
      case End::kAnswered:
      case End::kFailed:
        call.events->answered({c.end == End::kAnswered, "{}"});
        break;
      case End::kLost:
        call.events->lost(Loss::kConnection, "gone");
        break;
      case End::kWithdrawn:
        call.events->lost(Loss::kCancelled, "the caller went away");
        break;
      case End::kStopped:
        break;
      case End::kKilled:
        recover(rig, live);
        break;
    }
    if (c.end != End::kKilled) {
      ASSERT_TRUE(rig.run_until([&] { return call.ended(); }));
    }
    const Parts replay = replayed(rig);
    EXPECT_EQ(spent_in(replay), kSpent);
    EXPECT_EQ(spent_in(live), kSpent);
    EXPECT_EQ(live.unknowns, replay.unknowns);
    rig.gateway.reset();
    rig.ledger.reset();
    rig.open();
    EXPECT_TRUE(rig.recovery.open_intents.empty());
  }
}

TEST(Recovery, ACallWithoutApprovalSpendsNothingAndIsNotRead) {
  GatewayRig rig;
  bool told = true;
  rig.recorder->on_recorded([&](std::uint64_t, const RecordDraft& draft, std::string_view) {
    told = draft.changes_decisions();
  });
  rig.submit_to_end(rig.action("tool.call", "write_file"));
  EXPECT_FALSE(told);
  EXPECT_EQ(spent_in(replayed(rig)), R"({"spent":[]})");
}

// A use that a record left out could be spent again.
TEST(Recovery, TheSpentUseStandsInARecordThatHoldsHardlyAnything) {
  const struct {
    const char* name;
    std::size_t sealed_task;  // bytes; kept before others where the body does not fit
    bool has_tool;
  } cases[] = {{"what is needed first", 0, true}, {"the least", 4000, false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    GatewayRig rig;
    Parts live;
    fold_live(rig, live);
    Action action = approved(rig);
    action.tool = std::string(250, '\x01');
    action.method = action.resource = action.tool;
    CallView& call = rig.submit(std::move(action));
    ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
    Answer answer{true, "{}"};
    answer.followed = std::string(c.sealed_task, 's');
    call.events->answered(std::move(answer));
    ASSERT_TRUE(rig.run_until([&] { return call.released; }));
    const json::Value body = *json::find(rig.payload(*call.record), {"ect_ext", "pawl.tool"});
    EXPECT_NE(json::find(body, {names::kExtBodyHash}), nullptr);
    EXPECT_EQ(json::find(body, {"tool"}) != nullptr, c.has_tool);
    EXPECT_EQ(spent_in(replayed(rig)), kSpent);
    EXPECT_EQ(spent_in(live), kSpent);
  }
}

TEST(Recovery, AReadThatConsumesAnApprovalHasADurableIntent) {
  GatewayRig rig;
  Action read = approved(rig);
  read.read_only = true;
  CallView& call = rig.submit(std::move(read));
  EXPECT_FALSE(call.forwarded);
  ASSERT_TRUE(rig.run_until([&] { return call.forwarded; }));
  EXPECT_EQ(rig.ledger->stats().intents, 1u);
}

// Whatever a later version puts there.
TEST(Recovery, CopiesTheMemberOfAnIntentAsItIs) {
  GatewayRig rig;
  const Uuid id = *Uuid::parse("0190a000-0000-7000-8000-00000000000a");
  const std::string body =
      R"({"verb":"tool.call","agent":"triage","approval":{"id":"x","use":1,"of":["later"]}})";
  bool done = false;
  record_unknowns(*rig.recorder, {}, {{id, body}},
                  [&](const Result<std::size_t>& count) { done = count.has_value(); });
  ASSERT_TRUE(rig.run_until([&] { return done; }));
  const Parts replay = replayed(rig);
  EXPECT_EQ(replay.spent, std::set<std::string>{R"({"id":"x","use":1,"of":["later"]})"});
  EXPECT_EQ(replay.unknown_count, 1u);
}

}  // namespace
}  // namespace pawl
