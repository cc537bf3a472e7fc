#include "foundation/records/record_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace pawl {
namespace {

using Node = RecordGraph::Node;

Uuid numbered(std::uint32_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  id.bytes[6] = 0x70;
  return id;
}

struct Record {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> parents{};
  RecordGraph::Facts facts{};
};

Node add(RecordGraph& graph, const Record& record) {
  std::vector<Uuid> parents;
  for (const std::uint32_t parent : record.parents) {
    parents.push_back(numbered(parent));
  }
  return graph.add(numbered(record.id), parents, record.facts);
}

RecordGraph graph_of(const std::vector<Record>& records) {
  RecordGraph graph(4711);
  for (const Record& record : records) {
    add(graph, record);
  }
  return graph;
}

// A reference that knows records by their number and nothing of nodes: sets, and passes over all
// of them until nothing changes.
class Reference {
 public:
  explicit Reference(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (records_.emplace(record.id, record).second) {
        named_.insert(record.id);
        named_.insert(record.parents.begin(), record.parents.end());
      }
    }
    for (const std::uint32_t id : named_) {
      ancestors_[id] = walked(id);
    }
  }

  const std::map<std::uint32_t, Record>& records() const { return records_; }
  const std::set<std::uint32_t>& named() const { return named_; }

  const std::set<std::uint32_t>& ancestors(std::uint32_t of) const { return ancestors_.at(of); }

  std::set<std::uint32_t> descendants(std::uint32_t of) const {
    std::set<std::uint32_t> out;
    for (const auto& [id, record] : records_) {
      if (ancestors(id).contains(of)) {
        out.insert(id);
      }
    }
    return out;
  }

  // In a cycle, or behind one: some ancestor, or it itself, is its own ancestor.
  bool is_cyclic(std::uint32_t id) const {
    std::set<std::uint32_t> chain = ancestors(id);
    chain.insert(id);
    return std::any_of(chain.begin(), chain.end(),
                       [this](std::uint32_t one) { return ancestors(one).contains(one); });
  }

  RecordGraph::Standing standing(std::uint32_t of) const {
    if (is_cyclic(of)) {
      return {0, true};
    }
    std::set<std::uint32_t> chain = ancestors(of);
    chain.insert(of);
    RecordGraph::Standing out;
    for (const std::uint32_t id : chain) {
      if (const auto found = records_.find(id); found != records_.end()) {
        out.level = std::min(out.level, found->second.facts.level);
        out.partial = out.partial || found->second.facts.partial;
      }
    }
    return out;
  }

 private:
  std::set<std::uint32_t> walked(std::uint32_t of) const {
    std::set<std::uint32_t> out;
    for (bool more = true; more;) {
      more = false;
      for (const auto& [id, record] : records_) {
        if (id == of || out.contains(id)) {
          for (const std::uint32_t parent : record.parents) {
            more = out.insert(parent).second || more;
          }
        }
      }
    }
    return out;
  }

  std::map<std::uint32_t, Record> records_;
  std::set<std::uint32_t> named_;
  std::map<std::uint32_t, std::set<std::uint32_t>> ancestors_;
};

std::set<std::uint32_t> numbers(const RecordGraph& graph, const std::vector<Node>& nodes) {
  std::set<std::uint32_t> out;
  for (const Node node : nodes) {
    const auto& bytes = graph.id(node).bytes;
    out.insert(static_cast<std::uint32_t>(bytes[14]) << 8 | bytes[15]);
  }
  return out;
}

// What no look at single records shows: every parent that is ordered comes before its child, each
// record is in one of the two lists, once.
void expect_order(const RecordGraph& graph, const Reference& reference) {
  const RecordGraph::Order order = graph.order();
  std::map<Node, std::size_t> places;
  for (const Node node : order.nodes) {
    EXPECT_TRUE(graph.there(node));
    for (const Node parent : graph.parents(node)) {
      EXPECT_TRUE(!graph.there(parent) || places.contains(parent));
    }
    EXPECT_TRUE(places.emplace(node, places.size()).second);
  }
  EXPECT_EQ(order.nodes.size() + order.cyclic.size(), reference.records().size());
  EXPECT_TRUE(std::is_sorted(order.cyclic.begin(), order.cyclic.end()));
  const std::set<std::uint32_t> cyclic = numbers(graph, order.cyclic);
  const std::vector<RecordGraph::Standing> standings = graph.standings(order);
  for (const auto& [id, record] : reference.records()) {
    EXPECT_EQ(cyclic.contains(id), reference.is_cyclic(id)) << id;
    EXPECT_EQ(standings[graph.find(numbered(id))], reference.standing(id)) << id;
  }
}

void expect_closures(const RecordGraph& graph, const Reference& reference) {
  for (const std::uint32_t id : reference.named()) {
    const Node node = graph.find(numbered(id));
    ASSERT_NE(node, RecordGraph::kNone);
    EXPECT_EQ(graph.there(node), reference.records().contains(id));
    const RecordGraph::Walk up = graph.ancestors({&node, 1}, {});
    EXPECT_FALSE(up.too_many);
    EXPECT_EQ(numbers(graph, up.nodes), reference.ancestors(id)) << id;
    EXPECT_EQ(numbers(graph, graph.descendants({&node, 1})), reference.descendants(id)) << id;
    const std::size_t all = up.nodes.size();
    EXPECT_FALSE(graph.ancestors({&node, 1}, {.most = all}).too_many);
    EXPECT_EQ(all > 0, all > 0 && graph.ancestors({&node, 1}, {.most = all - 1}).too_many);
  }
}

// Kinds of graphs: 0 a log (parents are earlier, or not there), 1 anything at all (later parents,
// self loops, cycles), 2 few ids (duplicates).
std::vector<Record> random_records(std::mt19937& random, int kind) {
  const std::uint32_t count = 1 + random() % 24;
  const std::uint32_t ids = kind == 2 ? count / 2 + 1 : count;
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < count; ++i) {
    Record record{.id = kind == 2 ? 1 + static_cast<std::uint32_t>(random() % ids) : i + 1};
    for (std::uint32_t n = random() % 4; n > 0; --n) {
      const std::uint32_t any = 1 + random() % (ids + 3);  // the last three are never added
      record.parents.push_back(kind == 0 && any <= ids ? 1 + any % (i + 1) : any);
    }
    if (kind == 0) {
      std::erase(record.parents, record.id);
    }
    record.facts = {.level = static_cast<std::uint8_t>(1 + random() % 3),
                    .partial = random() % 9 == 0};
    records.push_back(std::move(record));
  }
  return records;
}

TEST(RecordGraph, SaysOfRandomGraphsWhatAPlainReadingSays) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const int kind = static_cast<int>(seed % 3);
    const std::vector<Record> records = random_records(random, kind);
    const Reference reference(records);
    const RecordGraph graph = graph_of(records);
    expect_order(graph, reference);
    expect_closures(graph, reference);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    if (kind == 0) {
      EXPECT_TRUE(graph.order().cyclic.empty()) << "seed " << seed;
    }
  }
}

TEST(RecordGraph, ALogKeepsItsOrder) {
  std::mt19937 random(7);
  std::vector<Record> records;
  std::vector<Node> expected;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    Record record{.id = i};
    for (std::uint32_t n = 0; i > 0 && n < random() % 3; ++n) {
      record.parents.push_back(random() % i);
    }
    expected.push_back(i);
    records.push_back(std::move(record));
  }
  EXPECT_EQ(graph_of(records).order().nodes, expected);
}

TEST(RecordGraph, TheOrderOfAGraphThatCameInAnyOrderStaysTheSame) {
  // Named before they are added: 4 and 3 get their numbers from 5.
  const RecordGraph graph = graph_of({{5, {4, 3}}, {3, {1}}, {1}, {2}, {4, {2, 1}}, {6, {9, 5}}});
  std::vector<std::uint32_t> order;
  for (const Node node : graph.order().nodes) {
    order.push_back(graph.id(node).bytes[15]);
  }
  EXPECT_EQ(order, (std::vector<std::uint32_t>{2, 1, 4, 3, 5, 6}));
}

TEST(RecordGraph, WhatIsInACycleOrBehindOneHasNoOrderAndIsWorthNothing) {
  const RecordGraph graph = graph_of({{1}, {2, {1, 3}}, {3, {2}}, {4, {3}}, {5, {5}}, {6, {1}}});
  const RecordGraph::Order order = graph.order();
  EXPECT_EQ(numbers(graph, order.nodes), (std::set<std::uint32_t>{1, 6}));
  EXPECT_EQ(numbers(graph, order.cyclic), (std::set<std::uint32_t>{2, 3, 4, 5}));
  const std::vector<RecordGraph::Standing> standings = graph.standings(order);
  EXPECT_EQ(standings[graph.find(numbered(4))], (RecordGraph::Standing{0, true}));
  EXPECT_EQ(standings[graph.find(numbered(6))].level, RecordGraph::kStrongest);
}

TEST(RecordGraph, WhatIsThereStaysAsItWas) {
  RecordGraph graph;
  EXPECT_EQ(graph.find(numbered(1)), RecordGraph::kNone);
  EXPECT_EQ(add(graph, {2, {1, 1}, {.level = 2}}), 0U);
  EXPECT_FALSE(graph.there(graph.find(numbered(1))));
  EXPECT_EQ(graph.edges(), 1U);  // named twice
  EXPECT_EQ(add(graph, {2, {3}, {.level = 1}}), RecordGraph::kNone);
  EXPECT_EQ(graph.find(numbered(3)), RecordGraph::kNone);
  EXPECT_EQ(add(graph, {1, {}, {.level = 3}}), 1U);  // it gets the node that it was named by
  EXPECT_EQ(graph.standings(graph.order())[0].level, 2);
}

TEST(RecordGraph, AWalkEndsAtWhatIsRecorded) {
  const RecordGraph graph = graph_of({{1, {}, {.recorded = true}},
                                      {2, {1}, {.recorded = true}},
                                      {3, {2}, {.recorded = false}},
                                      {4, {3}, {.recorded = false}}});
  const Node four = graph.find(numbered(4));
  EXPECT_EQ(numbers(graph, graph.ancestors({&four, 1}, {.past_recorded = false}).nodes),
            (std::set<std::uint32_t>{3, 2}));
  EXPECT_EQ(numbers(graph, graph.ancestors({&four, 1}, {}).nodes),
            (std::set<std::uint32_t>{3, 2, 1}));
}

// A chain that is as deep as it is long: no walk may use the program's own stack.
TEST(RecordGraph, AMillionDeepInTheWrongOrder) {
  constexpr std::uint32_t kCount = 1'000'000;
  RecordGraph graph;
  graph.reserve(kCount, kCount);
  for (std::uint32_t i = kCount; i > 0; --i) {
    const Uuid parent = numbered(i - 1);
    graph.add(numbered(i), {&parent, i > 1 ? 1U : 0U}, {});
  }
  const RecordGraph::Order order = graph.order();
  ASSERT_EQ(order.nodes.size(), kCount);
  EXPECT_EQ(graph.id(order.nodes.front()), numbered(1));
  EXPECT_EQ(graph.id(order.nodes.back()), numbered(kCount));
  const Node last = graph.find(numbered(kCount));
  EXPECT_EQ(graph.ancestors({&last, 1}, {}).nodes.size(), kCount - 1);
  const Node first = graph.find(numbered(1));
  EXPECT_EQ(graph.descendants({&first, 1}).size(), kCount - 1);
  EXPECT_LE(graph.bytes() / kCount, 44U);
}

}  // namespace
}  // namespace pawl
