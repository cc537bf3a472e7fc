#include "foundation/acp/acp_graph.h"

#include <gtest/gtest.h>

namespace pawl::acp {
namespace {

Claims graph(std::vector<std::string> nodes, std::vector<Edge> edges) {
  Claims out;
  for (const std::string& id : nodes) {
    out.nodes.push_back({.id = id, .agent = "a", .act = "b"});
  }
  out.edges = std::move(edges);
  return out;
}

std::string reason_of(const Claims& claims) {
  const Result<Graph> out = Graph::of(claims);
  return out ? "ok" : out.error().message.substr(0, out.error().message.find(':'));
}

TEST(AcpGraph, IsCheckedAsAWhole) {
  EXPECT_EQ(reason_of(graph({"a"}, {})), "ok");
  EXPECT_EQ(reason_of(graph({"a", "b", "c"}, {{"a", "b"}, {"a", "c"}, {"b", "c"}})), "ok");
  EXPECT_EQ(reason_of(graph({}, {})), "no_nodes");
  EXPECT_EQ(reason_of(graph({"a", "a"}, {})), "duplicate_node");
  EXPECT_EQ(reason_of(graph({"a", "b"}, {{"a", "b"}, {"a", "b"}})), "duplicate_edge");
  EXPECT_EQ(reason_of(graph({"a"}, {{"a", "b"}})), "unknown_node");
  EXPECT_EQ(reason_of(graph({"a"}, {{"b", "a"}})), "unknown_node");
  EXPECT_EQ(reason_of(graph({"a"}, {{"a", "a"}})), "self_edge");
  EXPECT_EQ(reason_of(graph({"a", "b"}, {{"a", "b"}, {"b", "a"}})), "cycle");
  EXPECT_EQ(reason_of(graph({"r", "a", "b"}, {{"r", "a"}, {"a", "b"}, {"b", "a"}})), "cycle");
}

TEST(AcpGraph, DepthIsTheLongestWay) {
  Claims line = graph({"n0"}, {});
  for (int i = 1; i <= 16; ++i) {
    const std::string id = "n" + std::to_string(i);
    line.nodes.push_back({.id = id, .agent = "a", .act = "b"});
    line.edges.push_back({"n" + std::to_string(i - 1), id});
  }
  line.edges.push_back({"n0", "n16"});
  const Result<Graph> deep = Graph::of(line);
  ASSERT_TRUE(deep);
  EXPECT_EQ(deep->depth("n16"), 16u);
  EXPECT_EQ(deep->depth(), 16u);
  EXPECT_EQ(deep->parents("n16"), (std::vector<std::string>{"n15", "n0"}));
  EXPECT_EQ(deep->below({"n14"}).size(), 3u);
  line.nodes.push_back({.id = "n17", .agent = "a", .act = "b"});
  line.edges.push_back({"n16", "n17"});
  EXPECT_EQ(reason_of(line), "too_deep");
}

}  // namespace
}  // namespace pawl::acp
