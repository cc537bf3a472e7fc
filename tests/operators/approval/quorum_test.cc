#include "operators/approval/quorum.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/operators/approval/held_call.h"
#include "tests/support/seeded_random.h"

namespace pawl::approval {
namespace {

constexpr std::optional<Code> kTaken = std::nullopt;

ApprovalState held(HoldTerms terms) {
  ApprovalState state;
  EXPECT_EQ(run(state, request_of(1, std::move(terms))), kTaken);
  return state;
}

TEST(Quorum, TwoPeopleWithTwoKeys) {
  const struct {
    const char* name;
    const char* person;
    const char* key;
    std::optional<Code> code;
    Phase phase;
  } second[] = {
      {"another person", "bob", "key of bob", kTaken, Phase::kApproved},
      {"the same person, another key", "ada", "key of bob", Code::kConflict, Phase::kPending},
      {"another person, the same key", "bob", "key of ada", Code::kConflict, Phase::kPending},
      {"the one it is for", "carol", "key of carol", Code::kForbidden, Phase::kPending},
      {"the owner of the agent", "dave", "key of dave", Code::kForbidden, Phase::kPending},
      {"the agent", "spiffe://example.org/agent/triage", "k", Code::kForbidden, Phase::kPending},
  };
  for (const auto& c : second) {
    ApprovalState state = held({{"approver"}, 2, 1, 900, {}});
    EXPECT_EQ(run(state, decision_of(first(state), "ada")), kTaken);
    EXPECT_EQ(first(state).phase, Phase::kPending);
    Decide decision = decision_of(first(state), c.person);
    decision.statement.key = c.key;
    EXPECT_EQ(run(state, decision), c.code) << c.name;
    EXPECT_EQ(first(state).phase, c.phase) << c.name;
  }
}

TEST(Quorum, OneDenialEndsIt) {
  ApprovalState state = held({{"approver"}, 2, 1, 900, {}});
  EXPECT_EQ(run(state, decision_of(first(state), "ada")), kTaken);
  EXPECT_EQ(run(state, decision_of(first(state), "ada", Decision::kDeny)), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kDenied);
}

TEST(Quorum, ARuleCountsForNothing) {
  for (const Decision decision : {Decision::kApprove, Decision::kDeny}) {
    ApprovalState state = held({{"approver"}, 2, 1, 900, {}});
    EXPECT_EQ(run(state, DecideByRule{id_of(1), "r7", decision}), kTaken);
    EXPECT_EQ(run(state, DecideByRule{id_of(1), "r8", decision}), Code::kConflict);
    EXPECT_EQ(run(state, decision_of(first(state), "ada")), kTaken);
    EXPECT_EQ(first(state).phase, Phase::kPending);
    EXPECT_TRUE(first(state).by.front().by_rule);
    EXPECT_EQ(run(state, decision_of(first(state), "bob")), kTaken);
    EXPECT_EQ(first(state).phase, Phase::kApproved);
    // Nor does it undo what a person said before.
    ApprovalState after = held({{"approver"}, 2, 1, 900, {}});
    EXPECT_EQ(run(after, decision_of(first(after), "ada")), kTaken);
    EXPECT_EQ(run(after, DecideByRule{id_of(1), "r7", decision}), kTaken);
    EXPECT_EQ(run(after, decision_of(first(after), "bob")), kTaken);
    EXPECT_EQ(first(after).phase, Phase::kApproved);
  }
}

TEST(Quorum, AChangeStartsTheCountAnew) {
  ApprovalState state = held({{"approver"}, 2, 5, 900, {}});
  const Decide plain = decision_of(first(state), "ada");
  EXPECT_EQ(run(state, plain), kTaken);
  Decide changed = decision_of(first(state), "bob");
  changed.statement.executed = digest_of("changed");
  EXPECT_EQ(run(state, changed), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kPending);
  EXPECT_EQ(first(state).by.size(), 1U);
  // What was signed before counts once: nobody can bring it back.
  EXPECT_EQ(run(state, plain), Code::kConflict);
  Decide more = decision_of(first(state), "bob");
  more.statement.executed = digest_of("changed");
  more.statement.uses = 2;
  EXPECT_EQ(run(state, more), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kPending);
  Decide agreed = decision_of(first(state), "ada");
  agreed.statement.executed = digest_of("changed");
  agreed.statement.uses = 2;
  EXPECT_EQ(run(state, agreed), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kApproved);
  EXPECT_EQ(first(state).executed, digest_of("changed"));
  EXPECT_EQ(first(state).uses, 2U);
}

TEST(Quorum, StatementsThatCountAreBounded) {
  ApprovalState state = held({{"approver"}, 2, 1, 900, {}});
  for (std::size_t i = 0; i < kMaxStatements; ++i) {
    Decide decision = decision_of(first(state), "ada");
    decision.statement.executed = digest_of(std::to_string(i));
    EXPECT_EQ(run(state, decision), kTaken);
  }
  EXPECT_EQ(run(state, decision_of(first(state), "bob")), Code::kOverloaded);
  EXPECT_EQ(run(state, decision_of(first(state), "bob", Decision::kDeny)), kTaken);
  EXPECT_EQ(first(state).phase, Phase::kDenied);
}

// Never fewer than M people, never fewer than M keys, and none of them the requester; counted here
// in another way than in the product.
TEST(Quorum, RandomSignersNeverMeetItWithFewer) {
  SeededRandom random(11);
  const char* people[] = {"ada", "bob", "carol", "dave", "eve", "fay"};
  std::size_t met = 0;
  for (int round = 0; round < 20'000; ++round) {
    const HoldTerms terms{
        {"approver"}, 1 + static_cast<std::uint32_t>(random.below(4)), 3, 900, {}};
    const Requester requester{"agent", "carol", "dave"};
    std::vector<Signed> by;
    for (std::uint64_t i = random.below(9); i > 0; --i) {
      Signed one;
      one.person = people[random.below(6)];
      one.key = std::string("k") + std::to_string(random.below(5));
      one.role = random.below(8) == 0 ? "viewer" : "approver";
      one.decision = random.below(20) == 0 ? Decision::kDeny : Decision::kApprove;
      one.executed = random.below(6) == 0 ? "changed" : "requested";
      one.uses = 1;
      one.by_rule = random.below(8) == 0;
      by.push_back(one);
    }
    const Standing now = standing(terms, by, requester);
    if (!now.met) {
      continue;
    }
    ++met;
    std::string agreed;
    for (const Signed& one : by) {
      if (!one.by_rule && one.decision == Decision::kApprove) {
        agreed = one.executed;
      }
      EXPECT_FALSE(!one.by_rule && one.decision == Decision::kDeny && one.role == "approver");
    }
    std::set<std::string> who;
    std::set<std::string> keys;
    for (const Signed& one : by) {
      if (!one.by_rule && one.decision == Decision::kApprove && one.role == "approver" &&
          one.executed == agreed && one.person != "carol" && one.person != "dave") {
        who.insert(one.person);
        keys.insert(one.key);
      }
    }
    EXPECT_GE(who.size(), terms.of);
    EXPECT_GE(keys.size(), terms.of);
  }
  EXPECT_GT(met, 1000U);  // else nothing was shown
}

TEST(Quorum, WhoIsEnrolledMustBeEnough) {
  const PublicKey key = SigningKey::generate(KeyKind::kP256)->public_key();
  const std::vector<Operator> operators = {{"ada", key, "k1", {"approver"}},
                                           {"ada", key, "k2", {"approver"}},
                                           {"carol", key, "k3", {"approver"}},
                                           {"bob", key, "k4", {"admin"}}};
  const Requester requester{"agent", "carol", ""};
  EXPECT_TRUE(enough_approvers({{"approver"}, 1, 1, 900, {}}, operators, requester));
  EXPECT_FALSE(enough_approvers({{"approver"}, 2, 1, 900, {}}, operators, requester));
  EXPECT_TRUE(enough_approvers({{"approver"}, 2, 1, 900, {"admin"}}, operators, requester));
  EXPECT_FALSE(enough_approvers({{}, 1, 1, 900, {"admin"}}, operators, requester));
  EXPECT_FALSE(enough_approvers({{"approver"}, 1, 1, 900, {}}, {}, requester));
}

}  // namespace
}  // namespace pawl::approval
