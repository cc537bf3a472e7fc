#include "operators/approval/approval.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

constexpr std::optional<Code> kTaken = std::nullopt;

// A state in which approval 1 is in `phase`.
ApprovalState state_in(Phase phase, std::uint32_t uses = 1) {
  ApprovalState state;
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, uses, 900, {}})), kTaken);
  Decide yes = decision_of(first(state), "ada");
  yes.statement.uses = uses;
  switch (phase) {
    case Phase::kPending:
      break;
    case Phase::kApproved:
      EXPECT_EQ(run(state, yes), kTaken);
      break;
    case Phase::kDenied:
      EXPECT_EQ(run(state, decision_of(first(state), "ada", Decision::kDeny)), kTaken);
      break;
    case Phase::kExpired:
      EXPECT_EQ(run(state, Expire{id_of(1)}, kNow + 900), kTaken);
      break;
    case Phase::kSpent:
      EXPECT_EQ(run(state, yes), kTaken);
      for (std::uint32_t i = 0; i < uses; ++i) {
        EXPECT_EQ(run(state, Spend{id_of(1), call_of()}), kTaken);
      }
      break;
  }
  EXPECT_EQ(first(state).phase, phase);
  return state;
}

TEST(Approval, EveryCommandInEveryPhase) {
  using enum Phase;
  struct Row {
    Phase from;
    const char* command;
    std::optional<Code> code;
    Phase to;
  };
  const Row rows[] = {
      {kPending, "request", Code::kConflict, kPending},
      {kPending, "approve", kTaken, kApproved},
      {kPending, "deny", kTaken, kDenied},
      {kPending, "rule approves", kTaken, kPending},
      {kPending, "rule denies", kTaken, kPending},
      {kPending, "spend", Code::kConflict, kPending},
      {kPending, "deliver", Code::kConflict, kPending},
      {kPending, "expire early", kTaken, kPending},
      {kPending, "expire", kTaken, kExpired},
      {kPending, "cancel", kTaken, kExpired},
      {kPending, "same policy", kTaken, kPending},
      {kPending, "policy", kTaken, kExpired},

      {kApproved, "request", Code::kConflict, kApproved},
      {kApproved, "approve", Code::kConflict, kApproved},
      {kApproved, "deny", Code::kConflict, kApproved},
      {kApproved, "rule approves", Code::kConflict, kApproved},
      {kApproved, "spend", kTaken, kSpent},
      {kApproved, "deliver", Code::kConflict, kApproved},
      {kApproved, "expire early", kTaken, kApproved},
      {kApproved, "expire", kTaken, kExpired},
      {kApproved, "cancel", kTaken, kExpired},
      {kApproved, "same policy", kTaken, kApproved},
      {kApproved, "policy", kTaken, kExpired},

      {kDenied, "request", Code::kConflict, kDenied},
      {kDenied, "approve", Code::kConflict, kDenied},
      {kDenied, "deny", Code::kConflict, kDenied},
      {kDenied, "rule approves", Code::kConflict, kDenied},
      {kDenied, "spend", Code::kConflict, kDenied},
      {kDenied, "deliver", kTaken, kDenied},
      {kDenied, "expire", kTaken, kDenied},
      {kDenied, "cancel", Code::kConflict, kDenied},
      {kDenied, "policy", kTaken, kDenied},

      {kExpired, "request", Code::kConflict, kExpired},
      {kExpired, "approve", Code::kConflict, kExpired},
      {kExpired, "deny", Code::kConflict, kExpired},
      {kExpired, "rule approves", Code::kConflict, kExpired},
      {kExpired, "spend", Code::kConflict, kExpired},
      {kExpired, "deliver", kTaken, kExpired},
      {kExpired, "expire", kTaken, kExpired},
      {kExpired, "cancel", Code::kConflict, kExpired},
      {kExpired, "policy", kTaken, kExpired},

      {kSpent, "request", Code::kConflict, kSpent},
      {kSpent, "approve", Code::kConflict, kSpent},
      {kSpent, "deny", Code::kConflict, kSpent},
      {kSpent, "rule approves", Code::kConflict, kSpent},
      {kSpent, "spend", Code::kConflict, kSpent},
      {kSpent, "deliver", kTaken, kSpent},
      {kSpent, "expire", kTaken, kSpent},
      {kSpent, "cancel", Code::kConflict, kSpent},
      {kSpent, "policy", kTaken, kSpent},
  };
  for (const Row& row : rows) {
    ApprovalState state = state_in(row.from);
    const std::string_view name = row.command;
    std::int64_t now = kNow + 1;
    Command command = Spend{id_of(1), call_of()};
    if (name == "request") {
      command = request_of(2);
    } else if (name == "approve") {
      command = decision_of(first(state), "bob");
    } else if (name == "deny") {
      command = decision_of(first(state), "bob", Decision::kDeny);
    } else if (name == "rule approves") {
      command = DecideByRule{id_of(1), "r7", Decision::kApprove};
    } else if (name == "rule denies") {
      command = DecideByRule{id_of(1), "r7", Decision::kDeny};
    } else if (name == "deliver") {
      command = Deliver{id_of(1)};
    } else if (name == "expire" || name == "expire early") {
      command = Expire{id_of(1)};
      now = name == "expire" ? kNow + 900 : kNow + 899;
    } else if (name == "cancel") {
      command = Cancel{id_of(1)};
    } else if (name == "policy" || name == "same policy") {
      command = PolicyChanged{name == "policy" ? digest_of("other") : call_of().policy};
    }
    const std::string where = std::string(phase_name(row.from)) + ", " + row.command;
    EXPECT_EQ(run(state, command, now), row.code) << where;
    EXPECT_EQ(first(state).phase, row.to) << where;
  }
}

TEST(Approval, OfAnUnknownIdNothingHappens) {
  ApprovalState state = state_in(Phase::kPending);
  Decide other = decision_of(first(state), "ada");
  other.statement.approval = id_of(9);
  for (const Command& command : {Command(other), Command(DecideByRule{id_of(9), "r", {}}),
                                 Command(Spend{id_of(9), call_of()}), Command(Deliver{id_of(9)}),
                                 Command(Expire{id_of(9)}), Command(Cancel{id_of(9)})}) {
    EXPECT_EQ(run(state, command), Code::kNotFound) << command.index();
  }
}

TEST(Approval, GoesThroughForItsOwnCallOnly) {
  const struct {
    const char* name;
    void (*change)(Binding&);
  } cases[] = {
      {"agent", [](Binding& b) { b.agent += "2"; }},
      {"on behalf of nobody", [](Binding& b) { b.on_behalf_of.clear(); }},
      {"server", [](Binding& b) { b.server = "mail"; }},
      {"verb", [](Binding& b) { b.verb = "prompt.get"; }},
      {"name", [](Binding& b) { b.name = "delete"; }},
      {"arguments", [](Binding& b) { b.digest = digest_of(R"({"name":"deploy"})"); }},
      {"rules", [](Binding& b) { b.policy = digest_of("rules2"); }},
      {"workflow", [](Binding& b) { b.workflow = id_of(3); }},
  };
  for (const auto& c : cases) {
    ApprovalState state = state_in(Phase::kApproved);
    Binding call = call_of();
    c.change(call);
    EXPECT_EQ(state.spendable(call, kNow), nullptr) << c.name;
    EXPECT_EQ(state.attachable(call, kNow), nullptr) << c.name;
    EXPECT_EQ(run(state, Spend{id_of(1), call}), Code::kNotFound) << c.name;
  }
  ApprovalState state = state_in(Phase::kApproved);
  EXPECT_EQ(state.spendable(call_of(), kNow), &first(state));
}

TEST(Approval, WithoutApproversDenies) {
  ApprovalState state;
  EXPECT_EQ(run(state, request_of(1, {{}, 1, 1, 900, {"admin"}})), Code::kDenied);
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 0, 1, 900, {}})), Code::kInvalidParams);
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 17, 1, 900, {}})), Code::kInvalidParams);
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, 0, 900, {}})), Code::kInvalidParams);
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, 1001, 900, {}})), Code::kInvalidParams);
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 0, {}})), Code::kInvalidParams);
  EXPECT_TRUE(state.all().empty());
}

TEST(Approval, PendingOnesOfAnAgentAreBounded) {
  ApprovalState state;
  for (std::uint8_t i = 1; i <= 16; ++i) {
    EXPECT_EQ(run(state, request_of(i, {{"a"}, 1, 1, 900, {}}, call_of(std::to_string(i)))),
              kTaken);
  }
  EXPECT_EQ(state.pending_of(call_of().agent), 16U);
  const Request more = request_of(17, {{"a"}, 1, 1, 900, {}}, call_of("more"));
  EXPECT_EQ(run(state, more), Code::kOverloaded);
  Request of_another = more;
  of_another.binding.agent = "another";
  EXPECT_EQ(run(state, of_another), kTaken);
  EXPECT_EQ(run(state, Cancel{id_of(3)}), kTaken);
  Request again = more;
  again.id = id_of(18);
  EXPECT_EQ(run(state, again), kTaken);
}

TEST(Approval, ForgetsTheOldestThatHasEndedAndNoneThatIsOpen) {
  ApprovalState state(3);
  for (std::uint8_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(run(state, request_of(i, {{"a"}, 1, 1, 900, {}}, call_of(std::to_string(i)))),
              kTaken);
  }
  const Request next = request_of(4, {{"a"}, 1, 1, 900, {}}, call_of("4"));
  EXPECT_EQ(run(state, next), Code::kOverloaded);
  EXPECT_EQ(run(state, Cancel{id_of(2)}), kTaken);
  EXPECT_EQ(run(state, next), kTaken);
  EXPECT_EQ(state.find(id_of(2)), nullptr);
  EXPECT_NE(state.find(id_of(1)), nullptr);
  EXPECT_EQ(state.all().size(), 3U);
}

TEST(Approval, ALateDecisionDoesNothing) {
  ApprovalState state = state_in(Phase::kPending);
  EXPECT_EQ(run(state, decision_of(first(state), "ada"), kNow + 900), Code::kConflict);
  EXPECT_EQ(run(state, decision_of(first(state), "ada", Decision::kDeny), kNow + 900),
            Code::kConflict);
  EXPECT_EQ(run(state, decision_of(first(state), "ada"), kNow + 899), kTaken);
  EXPECT_EQ(run(state, Spend{id_of(1), call_of()}, kNow + 900), Code::kConflict);
}

TEST(Approval, EscalatesOnceThenExpires) {
  ApprovalState state;
  EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 900, {"admin"}})), kTaken);
  EXPECT_TRUE(state.due(kNow + 899).empty());
  EXPECT_EQ(state.due(kNow + 900).size(), 1U);
  EXPECT_EQ(run(state, decision_of(first(state), "eve", Decision::kApprove, "admin")),
            Code::kForbidden);
  EXPECT_EQ(run(state, Expire{id_of(1)}, kNow + 900), kTaken);
  EXPECT_TRUE(first(state).escalated);
  EXPECT_EQ(first(state).expires_at, kNow + 1800);
  EXPECT_EQ(run(state, decision_of(first(state), "ada"), kNow + 901), Code::kForbidden);

  ApprovalState decided = state;
  EXPECT_EQ(run(decided, decision_of(first(state), "eve", Decision::kApprove, "admin"), kNow + 901),
            kTaken);
  EXPECT_EQ(first(decided).phase, Phase::kApproved);

  EXPECT_EQ(run(state, Expire{id_of(1)}, kNow + 1800), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kExpired);
  EXPECT_EQ(first(state).ending, Ending::kTime);
}

// Also where people let it end before those who could have approved it were out of time.
TEST(Approval, BehindTheEndOfAGrantTheCallIsANewOne) {
  ApprovalState state;
  ASSERT_EQ(run(state, request_of()), kTaken);
  Decide brief = decision_of(first(state), "ada");
  brief.statement.expires = kNow + 5;
  ASSERT_EQ(run(state, brief), kTaken);
  EXPECT_EQ(state.attachable(call_of(), kNow + 4), &first(state));
  EXPECT_EQ(state.attachable(call_of(), kNow + 5), nullptr);
  ApprovalState over = state;
  EXPECT_EQ(run(state, request_of(2), kNow + 5), kTaken);
  EXPECT_EQ(run(over, Expire{id_of(1)}, kNow + 5), kTaken);
  EXPECT_EQ(over.attachable(call_of(), kNow + 5), nullptr);
}

TEST(Approval, ARepeatAttachesUntilItWasDelivered) {
  ApprovalState state = state_in(Phase::kSpent);
  EXPECT_EQ(state.attachable(call_of(), kNow), &first(state));
  EXPECT_EQ(run(state, Deliver{id_of(1)}), kTaken);
  EXPECT_EQ(state.attachable(call_of(), kNow), nullptr);
  EXPECT_EQ(run(state, request_of(2)), kTaken);
  // While that is being recorded it is another call already.
  ApprovalState spent = state_in(Phase::kSpent);
  EXPECT_EQ(spent.attachable(call_of(), kNow, id_of(1)), nullptr);
  Request next = request_of(2);
  EXPECT_EQ(run(spent, next), Code::kConflict);
  next.told = id_of(1);
  EXPECT_EQ(run(spent, next), kTaken);
  // And one that nobody came for does not stand in the way for ever.
  ApprovalState old = state_in(Phase::kDenied);
  EXPECT_EQ(run(old, request_of(2), kNow + 899), Code::kConflict);
  EXPECT_EQ(run(old, request_of(2), kNow + 900), kTaken);
}

TEST(Approval, OfSeveralUsesARepeatAfterDeliverySpendsTheNext) {
  ApprovalState state = state_in(Phase::kApproved, 2);
  EXPECT_EQ(run(state, Spend{id_of(1), call_of()}), kTaken);
  EXPECT_EQ(run(state, Deliver{id_of(1)}), kTaken);
  EXPECT_EQ(run(state, request_of(2)), Code::kConflict);
  ASSERT_NE(state.spendable(call_of(), kNow), nullptr);
  EXPECT_EQ(run(state, Spend{id_of(1), call_of()}), kTaken);
  EXPECT_EQ(state.spendable(call_of(), kNow), nullptr);
  EXPECT_EQ(run(state, Spend{id_of(1), call_of()}), Code::kConflict);
  EXPECT_EQ(run(state, request_of(2)), kTaken);
}

// Whatever phase a snapshot gives it.
TEST(Approval, WithoutAUseLeftNothingIsSpent) {
  Approval all_spent = first(state_in(Phase::kApproved, 2));
  all_spent.spent = 2;
  ApprovalState state;
  state.add(all_spent);
  EXPECT_EQ(state.spendable(call_of(), kNow), nullptr);
  EXPECT_EQ(run(state, Spend{id_of(1), call_of()}), Code::kConflict);
}

TEST(Approval, AUseIsSpentOnceHoweverOftenItIsRead) {
  ApprovalState state = state_in(Phase::kApproved, 3);
  state.apply_spent(id_of(1), 2);  // the record of the second use comes before the first's
  state.apply_spent(id_of(1), 1);
  state.apply_spent(id_of(1), 2);
  EXPECT_EQ(first(state).spent, 2U);
  EXPECT_EQ(first(state).phase, Phase::kApproved);
  state.apply_spent(id_of(1), 999);
  EXPECT_EQ(first(state).spent, 3U);
  EXPECT_EQ(first(state).phase, Phase::kSpent);
  ApprovalState pending = state_in(Phase::kPending);
  pending.apply_spent(id_of(1), 1);
  EXPECT_EQ(first(pending).spent, 0U);
}

// regression: what was signed before it was passed on was lost, for the end of a grant had changed
TEST(ApprovalEscalation, WhoSignsAfterwardsAgreesWithWhoSignedBefore) {
  ApprovalState state;
  ASSERT_EQ(run(state, request_of(1, {{"approver"}, 2, 1, 60, {"chief"}})), std::nullopt);
  ASSERT_EQ(run(state, decision_of(first(state), "ann")), std::nullopt);
  const std::int64_t late = first(state).expires_at;
  ASSERT_EQ(run(state, Expire{id_of(1)}, late), std::nullopt);
  ASSERT_TRUE(first(state).escalated);
  ASSERT_EQ(run(state, decision_of(first(state), "eve", Decision::kApprove, "chief"), late + 1),
            std::nullopt);
  EXPECT_EQ(first(state).phase, Phase::kApproved);
  EXPECT_EQ(first(state).until, kNow + 120);
}

}  // namespace
}  // namespace pawl::approval
