// Random sequences of commands: whatever people, clocks and callers do.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/operators/approval/held_call.h"
#include "tests/support/seeded_random.h"

namespace pawl::approval {
namespace {

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void step() {
    now_ += static_cast<std::int64_t>(random_.below(120));
    const Result<std::vector<Event>> events = decide(state_, command(), now_);
    for (std::size_t i = 0; events && i < events->size(); ++i) {
      take((*events)[i]);
    }
    check();
  }

  // The records alone, and the records of outcomes in another order, end in the same state.
  void check_replay() {
    ApprovalState replayed;
    std::vector<Event> spent;
    for (const Event& event : log_) {
      if (const Spent* use = std::get_if<Spent>(&event)) {
        replayed.apply_spent(use->id, use->use);
        spent.push_back(event);
        continue;
      }
      const json::Value body(print_event(event));
      const Result<Event> read = read_event(record_kind(event), body);
      ASSERT_TRUE(read) << json::print(body) << read.error().message;
      ASSERT_EQ(json::Value(print_event(*read)), body);
      replayed.apply(*read);
    }
    EXPECT_EQ(replayed, state_);
    for (auto event = spent.rbegin(); event != spent.rend(); ++event) {
      replayed.apply(*event);
    }
    EXPECT_EQ(replayed, state_);
    const json::Value snapshot(print_approvals(state_));
    const Result<ApprovalState> read = read_approvals(
        *json::parse(json::print(snapshot)).map([](json::Parsed parsed) { return parsed.value; }));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, state_);
    EXPECT_EQ(read->pending_of("a0"), state_.pending_of("a0"));
    for (const auto& [id, one] : state_.all()) {
      EXPECT_EQ(read->attachable(one.binding, now_) == nullptr,
                state_.attachable(one.binding, now_) == nullptr);
    }
  }

  std::map<Phase, std::size_t> seen;
  std::size_t uses_sent = 0;

 private:
  Binding some_call() {
    Binding out = call_of("params" + std::to_string(random_.below(3)));
    out.agent = "a" + std::to_string(random_.below(2));
    out.policy = digest_of(random_.below(20) == 0 ? "other" : "rules");
    return out;
  }

  Uuid some_id() {  // one of the newest
    const std::uint64_t back = std::min<std::uint64_t>(random_.below(4), made_);
    return id_of(static_cast<std::uint8_t>(made_ - back));
  }

  Command command() {
    const Uuid id = some_id();
    const Approval* approval = state_.find(id);
    switch (random_.below(12)) {
      case 0:
      case 1:
        made_ += made_ < 200 ? 1 : 0;
        return request_of(static_cast<std::uint8_t>(made_), terms(), some_call());
      case 2:
      case 3:
      case 4:
      case 5:
        return approval == nullptr ? Command(Expire{id}) : Command(decision(*approval));
      case 6:
        return DecideByRule{id, "r7", random_.coin() ? Decision::kApprove : Decision::kDeny};
      case 7:
      case 8:
        return Spend{
            id, approval == nullptr || random_.below(8) == 0 ? some_call() : approval->binding};
      case 9:
        return Deliver{id};
      case 10:
        return random_.below(4) == 0 ? Command(Cancel{id}) : Command(Expire{id});
      default:
        return PolicyChanged{digest_of(random_.below(20) == 0 ? "other" : "rules")};
    }
  }

  HoldTerms terms() {
    HoldTerms out{{"approver"},
                  1 + static_cast<std::uint32_t>(random_.below(3)),
                  1 + static_cast<std::uint32_t>(random_.below(3)),
                  900,
                  {}};
    if (random_.coin()) {
      out.escalate_to = {"admin"};
    }
    return out;
  }

  Decide decision(const Approval& approval) {
    const char* people[] = {"ada", "bob", "carol", "dave", "eve", "fay"};
    Decide out = decision_of(approval, people[random_.below(6)],
                             random_.below(12) == 0 ? Decision::kDeny : Decision::kApprove,
                             random_.below(4) == 0 ? "admin" : "approver");
    if (out.statement.decision == Decision::kApprove) {
      out.statement.uses = 1 + static_cast<std::uint32_t>(random_.below(2));
      out.statement.expires = approval.requested_at + 3000;
      if (random_.below(5) == 0) {
        out.statement.executed = digest_of("changed");
      }
    }
    if (random_.below(10) == 0) {
      out.statement.key = "key of ada";
    }
    return out;
  }

  void take(const Event& event) {
    if (const Spent* use = std::get_if<Spent>(&event)) {
      const Approval& approval = *state_.find(use->id);
      EXPECT_LT(now_, approval.until);
      EXPECT_LE(++sent_[use->id], approval.uses);
      EXPECT_LE(approval.uses, approval.terms.uses);
      EXPECT_GE(approval.by.size(), approval.terms.of);
      ++uses_sent;
    }
    state_.apply(event);
    log_.push_back(event);
  }

  void check() {
    const auto rank = [](Phase phase) {
      return phase == Phase::kPending ? 0 : phase == Phase::kApproved ? 1 : 2;
    };
    std::map<std::string, std::size_t> pending;
    for (const auto& [id, one] : state_.all()) {
      EXPECT_LE(one.spent, one.uses);
      EXPECT_EQ(one.phase == Phase::kSpent,
                one.uses != 0 && one.spent == one.uses && one.phase != Phase::kExpired);
      const auto before = phases_.find(id);
      if (before != phases_.end() && before->second != one.phase) {
        EXPECT_LT(rank(before->second), rank(one.phase));
      }
      phases_[id] = one.phase;
      ++seen[one.phase];
      pending[one.binding.agent] += one.phase == Phase::kPending ? 1 : 0;
    }
    for (const char* agent : {"a0", "a1"}) {
      EXPECT_EQ(state_.pending_of(agent), pending[agent]);
    }
  }

  SeededRandom random_;
  std::int64_t now_ = kNow;
  std::size_t made_ = 0;
  ApprovalState state_;
  std::vector<Event> log_;
  std::map<Uuid, Phase> phases_;
  std::map<Uuid, std::uint32_t> sent_;
};

TEST(ApprovalProperty, RandomCommands) {
  std::map<Phase, std::size_t> seen;
  std::size_t sent = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (int i = 0; i < 250; ++i) {
      world.step();
    }
    world.check_replay();
    for (const auto& [phase, count] : world.seen) {
      seen[phase] += count;
    }
    sent += world.uses_sent;
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_EQ(seen.size(), 5U);  // each phase was reached
  EXPECT_GT(sent, 300U);
}

TEST(ApprovalProperty, ASnapshotThatIsNotWholeIsRefused) {
  ApprovalState state;
  EXPECT_EQ(run(state, request_of(1)), std::nullopt);
  EXPECT_EQ(run(state, decision_of(first(state), "ada")), std::nullopt);
  const json::Array whole = print_approvals(state);
  ASSERT_TRUE(read_approvals(json::Value(whole)));
  for (const auto& member : whole[0].get_object()) {
    json::Array less = whole;
    less[0].get_object().erase(member.key());
    EXPECT_FALSE(read_approvals(json::Value(less))) << member.key();
  }
  json::Array more = whole;
  more[0].get_object()["other"] = 1;
  EXPECT_FALSE(read_approvals(json::Value(more)));
  json::Array over = whole;
  over[0].get_object()["spent"] = 2;  // of one use
  EXPECT_FALSE(read_approvals(json::Value(over)));
  json::Array unknown = whole;
  unknown[0].get_object()["phase"] = "granted";
  EXPECT_FALSE(read_approvals(json::Value(unknown)));
  json::Array twice = whole;
  twice.push_back(whole[0]);
  EXPECT_FALSE(read_approvals(json::Value(twice)));
}

}  // namespace
}  // namespace pawl::approval
