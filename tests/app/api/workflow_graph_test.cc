#include "app/api/workflow_graph.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <set>

namespace pawl {
namespace {

using store::RecordRow;

Uuid id_of(std::uint64_t number) {
  Uuid out;
  for (std::size_t i = 0; i < 8; ++i) {
    out.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

RecordRow row_of(std::uint64_t number, const std::string& agent,
                 const std::vector<std::uint64_t>& parents) {
  RecordRow out;
  out.index = number;
  out.id = id_of(number);
  out.kind = "tool.call";
  out.agent = agent;
  for (const std::uint64_t parent : parents) {
    out.parents.push_back(id_of(parent));
    out.basis += store::kBasisLetters[parent % store::kBasisLetters.size()];
  }
  return out;
}

// Each record follows some of those before it.
std::vector<RecordRow> random_rows(std::mt19937& random, std::size_t count, std::size_t agents,
                                   std::size_t reach) {
  std::vector<RecordRow> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::uint64_t> parents;
    const std::size_t most = i == 0 ? 0 : random() % 3;
    for (std::size_t p = 0; p < most; ++p) {
      parents.push_back(i - 1 - random() % std::min(i, reach));
    }
    out.push_back(row_of(i, "agent-" + std::to_string(random() % agents), parents));
  }
  return out;
}

struct Counted {
  std::size_t things = 0, shown = 0, grouped = 0;
  std::set<std::string> names;
  std::vector<std::string> groups;
};

Counted count(const json::Object& drawn) {
  Counted out;
  for (const json::Value& node : drawn.at("nodes").as_array()) {
    ++out.things;
    const json::Value* group = json::find(node, {"group"});
    if (group != nullptr) {
      out.grouped += node.at("count").to_number<std::size_t>();
      out.groups.emplace_back(group->as_string());
      out.names.emplace(group->as_string());
    } else {
      ++out.shown;
      out.names.emplace(node.at("id").as_string());
    }
  }
  return out;
}

void expect_whole(const json::Object& drawn, std::size_t total, const std::string& what) {
  const Counted counted = count(drawn);
  EXPECT_EQ(counted.shown + counted.grouped, total) << what;
  EXPECT_LE(counted.things, kMostDrawn) << what;
  EXPECT_EQ(counted.names.size(), counted.things) << what << ": a name twice";
  EXPECT_LE(drawn.at("edges").as_array().size(), kMostEdges) << what;
  for (const json::Value& edge : drawn.at("edges").as_array()) {
    EXPECT_TRUE(counted.names.contains(std::string(edge.at("from").as_string()))) << what;
    EXPECT_TRUE(counted.names.contains(std::string(edge.at("to").as_string()))) << what;
  }
}

TEST(WorkflowGraph, DepthIsTheLongestWay) {
  // 0 -> 1 -> 3, 0 -> 3, 2 alone; 4 names one that stands behind it, and one that is not there.
  const std::vector<RecordRow> rows = {row_of(0, "a", {}),      row_of(1, "a", {0}),
                                       row_of(2, "b", {}),      row_of(3, "a", {0, 1}),
                                       row_of(4, "a", {5, 77}), row_of(5, "a", {3})};
  EXPECT_EQ(depths_of(rows), (std::vector<std::uint32_t>{0, 1, 0, 2, 0, 3}));
}

TEST(WorkflowGraph, SmallOnesAreDrawnWhole) {
  std::vector<RecordRow> rows = {row_of(0, "a", {}), row_of(1, "a", {0}), row_of(2, "b", {1, 9})};
  rows[2].token = id_of(70);  // others name it by the token that it stands for
  rows.push_back(row_of(3, "a", {70}));
  const Result<json::Object> drawn = draw_workflow(rows, "");
  ASSERT_TRUE(drawn);
  expect_whole(*drawn, 4, "whole");
  EXPECT_EQ(count(*drawn).shown, 4U);
  EXPECT_EQ(drawn->at("elsewhere").to_number<int>(), 1);
  const json::Array& edges = drawn->at("edges").as_array();
  ASSERT_EQ(edges.size(), 3U);
  std::set<std::string> said;
  for (const json::Value& edge : edges) {
    said.insert(std::string(edge.at("from").as_string()) + ">" +
                std::string(edge.at("to").as_string()) + " " +
                std::string(edge.at("basis").as_string()));
  }
  EXPECT_TRUE(said.contains(id_of(0).text() + ">" + id_of(1).text() + " declared"));
  EXPECT_TRUE(said.contains(id_of(1).text() + ">" + id_of(2).text() + " traced"));
  EXPECT_TRUE(said.contains(id_of(2).text() + ">" + id_of(3).text() + " declared"));
  EXPECT_EQ(draw_workflow(rows, "g:a:0").error().code, Code::kNotFound);
}

// Property: nothing is lost and nothing is too much, folded or with any group open; and opening one
// does not change which groups there are.
TEST(WorkflowGraph, GroupsAndShownRecordsAddUp) {
  std::mt19937 random(7);
  const struct {
    std::size_t records, agents, reach;
  } shapes[] = {{500, 3, 5},       {501, 3, 5},        {501, 501, 1},     {2'000, 1, 1},
                {5'000, 5'000, 3}, {3'000, 40, 3'000}, {1'200, 2, 1'200}, {4'000, 299, 2}};
  for (const auto& shape : shapes) {
    const std::vector<RecordRow> rows =
        random_rows(random, shape.records, shape.agents, shape.reach);
    const std::string what = std::to_string(shape.records) + " of " + std::to_string(shape.agents);
    const Result<json::Object> folded = draw_workflow(rows, "");
    ASSERT_TRUE(folded) << what;
    expect_whole(*folded, rows.size(), what);
    const std::vector<std::string> groups = count(*folded).groups;
    for (std::size_t i = 0; i < groups.size(); i += 1 + groups.size() / 7) {
      const Result<json::Object> opened = draw_workflow(rows, groups[i]);
      ASSERT_TRUE(opened) << what << groups[i];
      expect_whole(*opened, rows.size(), what + " " + groups[i]);
      EXPECT_GT(count(*opened).shown, count(*folded).shown) << what << groups[i];
    }
    EXPECT_EQ(draw_workflow(rows, "g:nobody:0").has_value(), false) << what;
  }
}

TEST(WorkflowGraph, TenThousandTakeAPartOfASecond) {
  std::mt19937 random(9);
  const std::vector<RecordRow> rows = random_rows(random, 10'000, 20, 50);
  const std::clock_t began = std::clock();  // of the processor: others may be busy
  const Result<json::Object> drawn = draw_workflow(rows, "");
  const double took_s = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  ASSERT_TRUE(drawn);
  expect_whole(*drawn, 10'000, "10,000");
  EXPECT_LT(took_s, 1.0);
}

}  // namespace
}  // namespace pawl
