// Nodes of policy tokens as records tell of them: what makes one done, what does not, what goes.
#include "gateway/folded_nodes.h"

#include <gtest/gtest.h>

#include "gateway/decisions.h"
#include "tests/gateway/folded_log.h"

namespace pawl {
namespace {

constexpr std::int64_t kAt = 1'772'000'000;
constexpr std::int64_t kUntil = kAt + 1000;

const std::string kRun(43, 'r');
const std::string kDigest(43, 'd');

std::string acp_of(const std::string& node, std::int64_t until = kUntil,
                   const std::string& run = kRun) {
  return R"("acp":{"run":")" + run + R"(","token":")" + line_id(1) + R"(","digest":")" + kDigest +
         R"(",)" + (node.empty() ? "" : R"("node":")" + node + R"(",)") + R"("until":)" +
         std::to_string(until);
}

LogLine call(int id, const std::string& outcome, const std::string& node = "n1",
             const std::string& more = "") {
  return {line_id(id), "tool.call",
          R"({"agent":"a","outcome":")" + outcome + R"(",)" + acp_of(node) + more + "}}", "", true};
}

LogLine issued(int id, const std::string& digest, std::int64_t exp) {
  return {line_id(id), "policy.issued",
          R"({"digest":")" + digest + R"(","exp":)" + std::to_string(exp) + "}"};
}

Decisions folded(const std::vector<LogLine>& lines, std::int64_t at = kAt) {
  Decisions out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.apply(i, token_of(lines[i], at));
  }
  return out;
}

using State = PolicyNodes::State;

State state_after(const std::vector<LogLine>& lines) {
  return folded(lines).policy_nodes.state(kRun, "n1");
}

TEST(FoldedNodes, ANodeIsDoneByAConfirmedRecord) {
  const LogLine ended{line_id(9), "task.outcome", R"({"outcome":"confirmed"})",
                      '"' + line_id(2) + '"'};
  LogLine failed = ended;
  failed.body = R"({"outcome":"unknown"})";
  const LogLine task = call(2, "confirmed", "n1", R"(,"task":true)");
  const struct {
    const char* name;
    std::vector<LogLine> lines;
    State state;
  } cases[] = {
      {"nothing", {}, State::kOpen},
      {"confirmed", {call(2, "confirmed")}, State::kDone},
      {"failed", {call(2, "failed")}, State::kFailed},
      {"unknown", {call(2, "unknown")}, State::kFailed},
      {"refused", {call(2, "denied")}, State::kOpen},
      {"never sent", {call(2, "error")}, State::kOpen},
      {"failed, then confirmed", {call(2, "failed"), call(3, "confirmed")}, State::kDone},
      {"confirmed, then failed", {call(2, "confirmed"), call(3, "failed")}, State::kDone},
      {"another node", {call(2, "confirmed", "n2")}, State::kOpen},
      {"no node", {call(2, "confirmed", "")}, State::kOpen},
      {"a task that goes on", {task}, State::kOpen},
      {"a task that ended", {task, ended}, State::kDone},
      {"a task of which nobody knows", {task, failed}, State::kFailed},
      {"a task twice", {task, failed, ended}, State::kFailed},
      {"another's task", {ended}, State::kOpen},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(state_after(row.lines), row.state) << row.name;
  }
}

TEST(FoldedNodes, OfAnotherRunSayNothing) {
  LogLine other = call(2, "confirmed");
  other.body = R"({"outcome":"confirmed",)" + acp_of("n1", kUntil, std::string(43, 's')) + "}}";
  EXPECT_EQ(state_after({other}), State::kOpen);
}

TEST(FoldedNodes, ARunGoesWithItsToken) {
  Decisions state = folded({issued(1, "one", kUntil), call(2, "confirmed")});
  EXPECT_TRUE(state.policy_nodes.is_issued("one"));
  state.apply(2, token_of(issued(3, "two", kUntil + 1), kUntil - 1));
  EXPECT_EQ(state.policy_nodes.state(kRun, "n1"), State::kDone);
  state.apply(3, token_of(issued(4, "three", kUntil + 9), kUntil));
  EXPECT_EQ(state.policy_nodes.state(kRun, "n1"), State::kOpen);
  EXPECT_FALSE(state.policy_nodes.is_issued("one"));
  EXPECT_TRUE(state.policy_nodes.is_issued("two"));
}

TEST(FoldedNodes, AreTheSameFromASnapshotAndLive) {
  std::vector<LogLine> lines{issued(1, "one", kUntil), call(2, "confirmed", "n1"),
                             call(3, "failed", "n2"), call(4, "confirmed", "n3", R"(,"task":true)"),
                             call(5, "denied", "n4")};
  lines.back().marked = false;
  const Decisions replayed = folded(lines);
  const Result<Decisions> read = Decisions::read(replayed.print());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->print(), replayed.print());
  EXPECT_NE(replayed.print().find("acp_tasks"), std::string::npos);
  Decisions live;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    live.apply_if_state(lines[i].act, lines[i].marked, i, token_of(lines[i], kAt));
  }
  EXPECT_EQ(live.print(), replayed.print());
}

TEST(FoldedNodes, AStateThatCannotBeReadIsNotUsed) {
  const std::string rest = R"(,"stops":[],"lifted":[],"last_iat":1})";
  for (const char* part : {R"({"acp_nodes":1)", R"({"acp_nodes":[{}])",
                           R"({"acp_tasks":[{"call":"x"}])", R"({"acp_tokens":[{"digest":"d"}])",
                           R"({"acp_nodes":[{"run":"r","node":"n","done":1,"until":2}])"}) {
    EXPECT_FALSE(Decisions::read(part + rest)) << part;
  }
  EXPECT_TRUE(
      Decisions::read(R"({"acp_nodes":[{"run":"r","node":"n","done":true,"until":2}])" + rest));
}

}  // namespace
}  // namespace pawl
