// Which records an evidence file may hold, what is missing, and how much stands behind it.
#include "foundation/ledger/evidence_graph.h"

#include <gtest/gtest.h>

#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

const Uuid kWorkflow = test_id(1000);
const Uuid kOther = test_id(1001);

// "5 w <3,9" : entry 5 of the workflow, caused by the records 3 and 9, whose ids are of the same
// number. Of a cause: "i" it was inferred, else declared. Of the record: "o" of another workflow,
// "-" of none; "!" it says L2, "?" that its graph is partial.
GraphNode node(std::uint64_t index, std::string_view what, std::vector<int> causes = {}) {
  GraphNode out;
  out.index = index;
  out.id = test_id(index);
  for (const char c : what) {
    if (c == 'w' || c == 'o') {
      out.workflow = c == 'w' ? kWorkflow : kOther;
    }
    out.level = c == '!' ? ect::Level::kL2 : c == '1' ? ect::Level::kL1 : out.level;
    out.is_open = out.is_open || c == '!' || c == '1' || c == '?';
  }
  for (const int cause : causes) {
    out.causes.push_back(test_id(static_cast<std::uint64_t>(std::abs(cause))));
    out.is_declared.push_back(cause > 0);  // below 0: inferred
  }
  return out;
}

struct Case {
  const char* name;
  std::vector<GraphNode> nodes;
  const char* expected;  // counts, level, missing; or what is wrong
};

std::string text_of(const Result<EvidenceGraph>& graph) {
  if (!graph) {
    EXPECT_EQ(graph.error().code, Code::kBadSignature);
    return graph.error().message;
  }
  std::string out = std::to_string(graph->of_workflow) + "+" + std::to_string(graph->ancestors) +
                    "+" + std::to_string(graph->followers) + " " +
                    std::string(ect::level_name(graph->level));
  for (const MissingParent& one : graph->missing) {
    out += " " + std::to_string(one.id.bytes[15]) + " of " + std::to_string(one.child) +
           (one.is_accounted ? "" : "!");
  }
  return out;
}

TEST(EvidenceGraph, EachRecordHasItsReasonAndEachParentIsThereOrMissing) {
  const Case cases[] = {
      {"a root", {node(3, "w")}, "1+0+0 L3"},
      {"a chain", {node(3, "w"), node(4, "w", {3}), node(9, "w", {3, 4})}, "3+0+0 L3"},
      {"from another workflow, and from before that",
       {node(1, "o"), node(2, "o", {1}), node(3, "w", {2})},
       "1+2+0 L3"},
      {"from a record of no workflow", {node(1, "-"), node(3, "w", {1})}, "1+1+0 L3"},
      {"a finding about one of it", {node(3, "w"), node(7, "-", {3})}, "1+0+1 L3"},
      {"a finding about what it came from is no part of it",
       {node(1, "o"), node(3, "w", {1}), node(7, "-", {1})},
       "belongs to no workflow"},
      {"what a finding came from", {node(1, "o"), node(3, "w"), node(7, "-", {3, 1})}, "1+1+1 L3"},
      {"smuggled in", {node(1, "o"), node(3, "w")}, "nothing of this one came from it"},
      {"smuggled in behind", {node(3, "w"), node(5, "o", {3})}, "nothing of this one came from it"},
      {"smuggled in with its own parents",
       {node(1, "o"), node(2, "o", {1}), node(3, "w")},
       "nothing of this one came from it"},
      {"nothing of it", {node(1, "o")}, "no record is of the workflow"},
      {"nothing at all", {}, "no record is of the workflow"},
      {"one id twice",
       {node(3, "w"),
        [] {
          auto n = node(3, "w");
          n.index = 4;
          return n;
        }()},
       "has the same id"},
      {"its cause stands behind it", {node(3, "w", {4}), node(4, "w")}, "stands behind it"},
      {"two that caused each other", {node(3, "w", {4}), node(4, "w", {3})}, "stands behind it"},
      {"its own cause", {node(3, "w", {3})}, "stands behind it"},
      {"a parent of this ledger is missing", {node(3, "w", {9})}, "1+0+0 L3 9 of 3!"},
      {"a parent from elsewhere is missing", {node(3, "w!", {9})}, "1+0+0 L2 9 of 3"},
      {"the record says that its graph is partial", {node(3, "w?", {9})}, "1+0+0 L3 9 of 3"},
      {"nobody from elsewhere is inferred", {node(3, "w!", {-9})}, "1+0+0 L2 9 of 3!"},
      {"one of two records accounts for it",
       {node(3, "w!", {9}), node(4, "w", {9})},
       "2+0+0 L2 9 of 4!"},
      {"the first that does not is named",
       {node(3, "w", {9}), node(4, "w", {9})},
       "2+0+0 L3 9 of 3!"},
      {"a parent of a parent is missing",
       {node(1, "o", {8}), node(3, "w", {1})},
       "1+1+0 L3 8 of 1!"},
      {"several, by id", {node(3, "w!", {9, 8})}, "1+0+0 L2 8 of 3 9 of 3"},
      {"named twice",
       {
           node(3, "w", {2, 2}),
       },
       "1+0+0 L3 2 of 3!"},
      {"nothing is worth more than what it came from",
       {node(1, "o1"), node(3, "w!", {1}), node(4, "w")},
       "2+1+0 L1"},
  };
  for (const Case& one : cases) {
    const std::string found = text_of(read_evidence_graph(one.nodes, kWorkflow));
    EXPECT_NE(found.find(one.expected), std::string::npos) << one.name << ": " << found;
    if (one.expected[0] == '1' || one.expected[0] == '2' || one.expected[0] == '3') {
      EXPECT_EQ(found, one.expected) << one.name;
    }
  }
}

ect::Claims claims_with(json::Object body, std::size_t parents) {
  ect::Claims claims;
  claims.jti = test_id(5);
  claims.exec_act = "tool.call";
  for (std::size_t i = 0; i < parents; ++i) {
    claims.pred.push_back(test_id(i));
  }
  claims.ext["pawl.profile"] = "urn:pawl:profile:1";
  claims.ext["pawl.tool"] = std::move(body);
  return claims;
}

TEST(EvidenceGraph, ReadsWhatARecordSaysOfItsOrigin) {
  struct {
    const char* name;
    json::Object body;
    ect::Level level;
    bool is_open;
    std::vector<bool> is_declared;
  } const cases[] = {
      {"nothing", {}, ect::Level::kL3, false, {true, true}},
      {"L2", {{"level", "L2"}}, ect::Level::kL2, true, {true, true}},
      {"a level that is none", {{"level", "L9"}}, ect::Level::kL1, true, {true, true}},
      {"a level that is no text", {{"level", 3}}, ect::Level::kL1, true, {true, true}},
      {"partial", {{"graph", "partial"}}, ect::Level::kL3, true, {true, true}},
      {"a basis each",
       {{"basis", json::Array{"declared", "inferred"}}},
       ect::Level::kL3,
       false,
       {true, false}},
      {"a basis too few",
       {{"basis", json::Array{"declared"}}},
       ect::Level::kL3,
       false,
       {true, false}},
  };
  for (const auto& one : cases) {
    const GraphNode node = graph_node(5, claims_with(one.body, 2));
    EXPECT_EQ(node.level, one.level) << one.name;
    EXPECT_EQ(node.is_open, one.is_open) << one.name;
    EXPECT_EQ(node.is_declared, one.is_declared) << one.name;
  }
  // A record that stands for a token counts under the token's id.
  ect::Claims received = claims_with({}, 1);
  received.exec_act = "token.received";
  received.ext["pawl.token"] = json::Object{
      {"iss", "x"}, {"id", test_id(77).text()}, {"iat", 1}, {"payload", "p"}, {"level", "L2"}};
  const GraphNode token = graph_node(5, received);
  EXPECT_EQ(token.id, test_id(77));
  EXPECT_TRUE(token.stands_for_token);
  EXPECT_EQ(token.level, ect::Level::kL2);
  ect::Claims foreign = claims_with({{"level", "L1"}}, 1);
  foreign.ext.erase("pawl.profile");
  EXPECT_EQ(graph_node(5, foreign).level, ect::Level::kL3) << "no record of ours: nothing is read";
}

// It may have been received before its parent was, and twice; a record of ours may not.
TEST(EvidenceGraph, ATokenMayStandBeforeItsParent) {
  std::vector<GraphNode> nodes = {node(3, "w!", {5}), node(5, "w1"), node(7, "w!", {3, 5})};
  EXPECT_NE(text_of(read_evidence_graph(nodes, kWorkflow)).find("stands behind it"),
            std::string::npos);
  nodes[0].stands_for_token = true;
  nodes[1].stands_for_token = true;
  EXPECT_EQ(text_of(read_evidence_graph(nodes, kWorkflow)), "3+0+0 L1");
  GraphNode again = nodes[1];
  again.index = 6;
  nodes.insert(nodes.begin() + 2, again);
  EXPECT_EQ(text_of(read_evidence_graph(nodes, kWorkflow)), "4+0+0 L1");
  nodes[2].stands_for_token = false;
  EXPECT_NE(text_of(read_evidence_graph(nodes, kWorkflow)).find("the same id"), std::string::npos);
}

}  // namespace
}  // namespace pawl::ledger
