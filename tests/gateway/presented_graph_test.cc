#include "gateway/presented_graph.h"

#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"

namespace pawl {
namespace {

constexpr std::string_view kOwn = "spiffe://example.org/pawl/gw1";
constexpr std::string_view kOther = "https://planner.example";

Uuid id(int n) {
  return *Uuid::parse("01a20a33-15db-7195-918e-dd30c6c0" + std::string(n < 10 ? "000" : "00") +
                      std::to_string(n));
}

struct Task {
  int jti;
  std::vector<int> pred;
  int at = 0;  // seconds
  int workflow = 0;
  std::string_view iss = kOther;
};

std::shared_ptr<const ect::Token> token(const Task& task) {
  ect::Token made;
  made.claims.iss = task.iss;
  made.claims.jti = id(task.jti);
  made.claims.iat = task.at;
  if (task.workflow != 0) {
    made.claims.wid = id(task.workflow);
  }
  for (const int parent : task.pred) {
    made.claims.pred.push_back(id(parent));
  }
  return std::make_shared<const ect::Token>(made);
}

struct Case {
  const char* name;
  std::vector<Task> presented;
  std::vector<Task> recorded;
  std::string reason;  // empty: none
  std::vector<int> missing;
};

TEST(PresentedGraph, RulesOverWhatIsAtHand) {
  const std::vector<Case> cases = {
      {"a root", {{1, {}}}, {}, "", {}},
      {"a parent that nobody has", {{1, {2, 3}}}, {}, "", {2, 3}},
      {"a parent that is recorded", {{1, {2}}}, {{2, {}}}, "", {}},
      {"a parent presented along", {{1, {2}}, {2, {}}}, {}, "", {}},
      {"in either order", {{2, {}}, {1, {2}}}, {}, "", {}},
      {"two children of one missing parent", {{1, {3}}, {2, {3}}}, {}, "", {3}},
      {"a grandparent that nobody has", {{1, {2}}, {2, {3}}}, {}, "", {3}},
      {"its own parent", {{1, {1}}}, {}, "cycle", {}},
      {"a circle of two", {{1, {2}}, {2, {1}}}, {}, "cycle", {}},
      {"a circle of three", {{1, {2}}, {2, {3}}, {3, {1}}}, {}, "cycle", {}},
      {"a circle that a record ends", {{1, {2}}}, {{2, {1}}}, "", {}},
      {"one id of two issuers", {{1, {}}, {1, {}, 1}}, {}, "duplicate_task", {}},
      {"the id of a record", {{1, {}}}, {{1, {}}}, "duplicate_task", {}},
      {"a parent 30 s younger", {{1, {2}, 100}, {2, {}, 130}}, {}, "", {}},
      {"a parent 31 s younger", {{1, {2}, 100}, {2, {}, 131}}, {}, "parent_newer", {}},
      {"a recorded one 31 s younger", {{1, {2}, 100}}, {{2, {}, 131}}, "parent_newer", {}},
      {"another workflow", {{1, {2}, 0, 8}, {2, {}, 0, 9}}, {}, "workflow_mismatch", {}},
      {"a record of another workflow", {{1, {2}, 0, 8}}, {{2, {}, 0, 9}}, "workflow_mismatch", {}},
      {"a parent without workflow", {{1, {2}, 0, 8}, {2, {}}}, {}, "", {}},
      {"our own is not judged again", {{1, {2}, 0, 0, kOwn}}, {}, "", {}},
      {"our own as a parent", {{1, {2}}, {2, {3}, 0, 0, kOwn}}, {}, "", {}},
  };
  for (const Case& c : cases) {
    RecordedTasks recorded;
    for (const Task& task : c.recorded) {
      recorded.note(id(task.jti), task.at,
                    task.workflow != 0 ? std::optional(id(task.workflow)) : std::nullopt);
    }
    std::vector<std::shared_ptr<const ect::Token>> presented;
    for (const Task& task : c.presented) {
      presented.push_back(token(task));
    }
    const Result<std::vector<Uuid>> found = check_presented_graph(presented, kOwn, recorded);
    if (!c.reason.empty()) {
      ASSERT_FALSE(found) << c.name;
      EXPECT_EQ(found.error().code, Code::kTokenInvalid) << c.name;
      EXPECT_TRUE(found.error().message.starts_with(c.reason + ":"))
          << c.name << ": " << found.error().message;
      continue;
    }
    ASSERT_TRUE(found) << c.name << ": " << found.error().message;
    std::vector<Uuid> expected;
    for (const int n : c.missing) {
      expected.push_back(id(n));
    }
    EXPECT_EQ(*found, expected) << c.name;
  }
}

TEST(PresentedGraph, TheNewestRecordsAreRemembered) {
  RecordedTasks recorded;
  SeededRandom random{7};
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < RecordedTasks::kMost + 1; ++i) {
    ids.push_back(Uuid::v7(WallTime{0}, random));
    recorded.note(ids.back(), 1, std::nullopt);
  }
  EXPECT_FALSE(recorded.find(ids[0]));
  EXPECT_TRUE(recorded.find(ids[1]));
  EXPECT_TRUE(recorded.find(ids.back()));
}

// A planner that is trusted, and its tokens for our agent.
struct Planner {
  explicit Planner(GatewayRig& gateway_rig) : rig(gateway_rig) {
    rig.foreign = [this](std::string_view iss, std::string_view) {
      return iss == kOther ? Result<PublicKey>(key.public_key())
                           : Result<PublicKey>(fail(Code::kNotFound, "not trusted"));
    };
  }
  std::string token(const Uuid& jti, std::vector<Uuid> pred) {
    ect::Claims claims;
    claims.iss = kOther;
    claims.aud = {"spiffe://example.org/agent/triage"};
    claims.iat = rig.clock.wall().seconds();
    claims.exp = claims.iat + 300;
    claims.jti = jti;
    claims.exec_act = "plan.step";
    claims.pred = std::move(pred);
    return *ect::issue(key, "p1", claims);
  }
  CallView& present(std::vector<std::string> tokens) {
    Action action = rig.action("tool.call", "read");
    action.parent_tokens = std::move(tokens);
    CallView& call = rig.submit(std::move(action));
    EXPECT_TRUE(rig.run_until([&] { return call.forwarded || call.ended(); }));
    return call;
  }
  GatewayRig& rig;
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
};

TEST(PresentedGraph, IsCheckedBeforeTheCallIsForwarded) {
  GatewayRig rig;
  Planner planner(rig);
  const CallView& call =
      planner.present({planner.token(id(1), {id(2)}), planner.token(id(2), {id(1)})});
  ASSERT_TRUE(call.refused);
  EXPECT_FALSE(call.forwarded);
  EXPECT_EQ(call.refused->code, Code::kTokenInvalid);
  EXPECT_TRUE(call.refused->reason.starts_with("cycle")) << call.refused->reason;
}

TEST(PresentedGraph, ARecordSaysThatItIsPartialAndOfWhat) {
  GatewayRig rig;
  Planner planner(rig);
  const auto record_of = [&](std::vector<std::string> tokens) {
    CallView& call = planner.present(std::move(tokens));
    call.events->answered({true, "{}"});
    EXPECT_TRUE(rig.run_until([&] { return call.released; }));
    return rig.payload(*call.record);
  };
  const std::string parent = planner.token(id(2), {});
  const std::string child = planner.token(id(1), {id(2)});
  const json::Value partial = record_of({child});
  EXPECT_EQ(json::find_string(partial, {"ect_ext", "pawl.tool", "graph"}), "partial");
  EXPECT_EQ(json::print(*json::find(partial, {"ect_ext", "pawl.tool", "missing_parents"})),
            "[\"" + id(2).text() + "\"]");
  const json::Value full = record_of({child, parent});
  EXPECT_EQ(json::find(full, {"ect_ext", "pawl.tool", "graph"}), nullptr);
}

}  // namespace
}  // namespace pawl
