#include "gateway/presented_graph.h"

#include <gtest/gtest.h>

#include "tests/gateway/gateway_rig.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

constexpr std::string_view kOther = "https://planner.example";

Uuid id(int n) {
  return *Uuid::parse("01a20a33-15db-7195-918e-dd30c6c0" + std::string(n < 10 ? "000" : "00") +
                      std::to_string(n));
}

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

bool flag_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* flag = json::find(value, path);
  return flag != nullptr && flag->get_bool();
}

std::optional<Uuid> workflow_at(const json::Value& value) {
  const std::string text = text_at(value, "wid");
  return text.empty() ? std::nullopt : std::optional(*Uuid::parse(text));
}

// A token of tests/vectors/ect/graphs.json, as its reader would give it.
std::shared_ptr<const ect::Token> token_of(const json::Value& task) {
  ect::Token made;
  ect::Claims& claims = made.claims;
  claims.iss = text_at(task, "iss");
  claims.jti = *Uuid::parse(text_at(task, "jti"));
  claims.iat = json::find(task, {"iat"})->get_int64();
  claims.wid = workflow_at(task);
  claims.exec_act = "tool.call";
  for (const json::Value& parent : json::find(task, {"pred"})->get_array()) {
    claims.pred.push_back(*Uuid::parse(parent.get_string()));
  }
  if (const std::string decision = text_at(task, "decision"); !decision.empty()) {
    claims.ext["pol_decision"] = decision;
  }
  if (flag_at(task, {"compensation"})) {
    claims.ext["compensation_required"] = true;
  }
  if (const std::string level = text_at(task, "recorded_level"); !level.empty()) {
    claims.ext["pawl.tool"] = json::Object{{"level", level}};
  }
  made.level = ect::parse_level(text_at(task, "level")).value_or(ect::Level::kL2);
  return std::make_shared<const ect::Token>(made);
}

struct Graph {
  PresentedTokens presented;
  RecordedTasks recorded;
  GraphRules rules;
};

Graph graph_of(const json::Value& one) {
  Graph out;
  for (const json::Value& task : json::find(one, {"presented"})->get_array()) {
    out.presented.push_back(token_of(task));
  }
  for (const json::Value& task : json::find(one, {"recorded"})->get_array()) {
    const json::Value* approved = json::find(task, {"approved"});
    out.recorded.note(*Uuid::parse(text_at(task, "jti")),
                      {.iat = json::find(task, {"iat"})->get_int64(),
                       .workflow = workflow_at(task),
                       .level = ect::parse_level(text_at(task, "level")).value_or(ect::Level::kL3),
                       .approved = approved == nullptr || approved->get_bool()});
  }
  const auto parents = json::find_string(one, {"rules", "parents"});
  out.rules = {.allow_partial = parents != "refuse",
               .allow_other_workflow = flag_at(one, {"rules", "cross_workflow"}),
               .refuse_unapproved = flag_at(one, {"rules", "refuse_unapproved"})};
  return out;
}

Result<GraphFinding> judged(const Graph& graph, std::string_view own) {
  Result<GraphFinding> found =
      check_presented_graph(graph.presented, own, graph.recorded, graph.rules);
  const Status decided = found && graph.rules.refuse_unapproved
                             ? check_presented_decisions(graph.presented)
                             : Status{};
  return decided ? found : Result<GraphFinding>(fail(decided.error()));
}

// The independent reader (tests/e2e/verify/independent/graph.mjs) answers the same cases.
TEST(PresentedGraph, EveryGraphOfTheVectorsIsJudgedAsThePageSays) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/ect/graphs.json");
  ASSERT_TRUE(text) << text.error().message;
  const Result<json::Parsed> vectors = json::parse(*text);
  ASSERT_TRUE(vectors) << vectors.error().message;
  const std::string own = text_at(vectors->value, "own_issuer");
  const json::Array& cases = json::find(vectors->value, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 35U);
  for (const json::Value& one : cases) {
    const std::string name = text_at(one, "name");
    const std::string expect = text_at(one, "expect");
    const Graph graph = graph_of(one);
    const Result<GraphFinding> found = judged(graph, own);
    if (expect != "ok") {
      ASSERT_FALSE(found) << name;
      EXPECT_EQ(found.error().code, Code::kTokenInvalid) << name;
      EXPECT_TRUE(found.error().message.starts_with(expect + ":"))
          << name << ": " << found.error().message;
      continue;
    }
    ASSERT_TRUE(found) << name << ": " << found.error().message;
    json::Array missing;
    for (const Uuid& parent : found->missing) {
      missing.emplace_back(parent.text());
    }
    EXPECT_EQ(json::print(missing), json::print(*json::find(one, {"missing"}))) << name;
    ect::Level level = ect::Level::kL3;
    for (const auto& token : graph.presented) {
      level = ect::weakest(level, level_of(*token, own, graph.recorded));
    }
    EXPECT_EQ(ect::level_name(level), text_at(one, "level")) << name;
  }
}

TEST(PresentedGraph, TheNewestRecordsAreRemembered) {
  RecordedTasks recorded;
  SeededRandom random{7};
  std::vector<Uuid> ids;
  for (std::size_t i = 0; i < RecordedTasks::kMost + 1; ++i) {
    ids.push_back(Uuid::v7(WallTime{0}, random));
    recorded.note(ids.back(), {.iat = 1});
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
  std::vector<Uuid> many;
  for (int n = 10; n < 10 + static_cast<int>(kMostMissing) + 1; ++n) {
    many.push_back(id(n));
  }
  const json::Value bounded = record_of({planner.token(id(3), many)});
  EXPECT_EQ(json::find(bounded, {"ect_ext", "pawl.tool", "missing_parents"})->get_array().size(),
            kMostMissing);
  const json::Value full = record_of({child, parent});
  EXPECT_EQ(json::find(full, {"ect_ext", "pawl.tool", "graph"}), nullptr);
}

}  // namespace
}  // namespace pawl
