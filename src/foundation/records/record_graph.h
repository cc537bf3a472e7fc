// The graph of records and tokens: which one names which as its parent.
//
// Purpose:    one structure for all who walk it: the rules of a presented token
//             (foundation/ect/ect_parents.cc), and what `pawl ledger chain` tells of a record.
//             Answers order, ancestors, descendants, and what a chain is worth.
// Threading:  a plain value; const functions by any number of threads.
// Cost:       24 bytes a node, 6 to 12 to find it, 4 an edge, more while it grows (50 measured at a
//             million nodes with 2.1 edges each). find(): a point look-up; add(): that of each
//             parent; order(), standings(), ancestors(), descendants(): nodes and edges once.
// Bounds:     2^32 - 2 nodes and edges, 65,535 parents of one node: more end the program, so that
//             callers of longer input bound it before.
// Not errors: a parent that was never added (it has a node, and is not there()); one named twice
//             (it counts once); cycles and self loops, which a log that is what it says cannot
//             have.
//
// Example:
//   RecordGraph graph;
//   for (const Record& record : log) graph.add(record.id, record.pred, {.level = record.level});
//   const RecordGraph::Order order = graph.order();
//   const RecordGraph::Standing standing = graph.standings(order)[graph.find(id)];
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/uuid.h"

namespace pawl {

class RecordGraph {
 public:
  using Node = std::uint32_t;  // in the order in which ids were first named or added
  static constexpr Node kNone = std::numeric_limits<Node>::max();
  static constexpr std::uint8_t kStrongest = 255;

  // What is known of a node by itself.
  struct Facts {
    std::uint8_t level = kStrongest;  // how much stands behind it; more is stronger
    bool partial = false;             // parents of it were not at hand when it was judged
    bool recorded = true;             // stands in our ledger, so it precedes what names it
  };
  // The same of its whole chain: the weakest level, and whether any of it is partial.
  struct Standing {
    std::uint8_t level = kStrongest;
    bool partial = false;
    bool operator==(const Standing&) const = default;
  };
  // Parents before children; of several possible orders the one that keeps to the numbers where it
  // can, so that a log gives its own order. `cyclic`, ascending: what is in a cycle or comes from
  // one, which has no order.
  struct Order {
    std::vector<Node> nodes;
    std::vector<Node> cyclic;
  };
  struct Walk {
    std::vector<Node> nodes;  // ascending; a start only when it is its own ancestor
    bool too_many = false;    // the walk ended early
  };

  // `seed`: of the hash of ids, so that ids of others cannot be made to collide.
  explicit RecordGraph(std::uint64_t seed = 0) : seed_(seed) {}
  void reserve(std::size_t nodes, std::size_t edges);

  // kNone: it was added before, and stays as it was.
  Node add(const Uuid& id, std::span<const Uuid> parents, Facts facts);
  // kNone: neither added nor named.
  Node find(const Uuid& id) const;
  bool there(Node node) const { return rows_[node].there; }
  const Uuid& id(Node node) const { return ids_[node]; }
  Facts facts(Node node) const {
    return {rows_[node].level, rows_[node].partial, rows_[node].recorded};
  }
  std::span<const Node> parents(Node node) const;
  std::size_t nodes() const { return ids_.size(); }  // with those that are only named
  std::size_t edges() const { return edges_.size(); }
  std::size_t bytes() const;  // of memory, reserved parts included

  Order order() const;
  // By node. In a cycle: level 0 and partial. Only named: as strong as can be, because what is
  // known of it stands in the facts of who names it.
  std::vector<Standing> standings(const Order& order) const;

  struct Limits {
    std::size_t most = std::numeric_limits<std::size_t>::max();  // nodes of the walk
    bool past_recorded = true;  // false: what is recorded is met and not walked
  };
  Walk ancestors(std::span<const Node> of, Limits limits) const;
  std::vector<Node> descendants(std::span<const Node> of) const;  // as Walk::nodes

 private:
  struct Row {
    std::uint32_t first = 0;  // of its parents in edges_
    std::uint16_t count = 0;
    std::uint8_t level = kStrongest;
    bool partial : 1 = false;
    bool recorded : 1 = false;
    bool there : 1 = false;
  };

  std::size_t slot_of(const Uuid& id) const;  // where it is, or an empty one
  Node named(const Uuid& id);                 // found or made
  void grow(std::size_t slots);

  std::uint64_t seed_;
  std::vector<Uuid> ids_;
  std::vector<Row> rows_;
  std::vector<Node> edges_;
  std::vector<Node> slots_;  // a power of two of them, at most two thirds full; kNone: empty
};

}  // namespace pawl
