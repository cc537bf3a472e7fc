#include "foundation/records/record_graph.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace pawl {
namespace {

constexpr std::size_t kFirstSlots = 16;

// Every bit of an id reaches the low bits: ids that were counted up differ in a few high ones only.
std::uint64_t mixed(std::uint64_t seed, const Uuid& id) {
  std::uint64_t half[2];
  std::memcpy(half, id.bytes.data(), sizeof half);
  std::uint64_t hash = seed;
  for (const std::uint64_t part : half) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

std::vector<RecordGraph::Node> marked(const std::vector<bool>& marks) {
  std::vector<RecordGraph::Node> out;
  for (std::size_t node = 0; node < marks.size(); ++node) {
    if (marks[node]) {
      out.push_back(static_cast<RecordGraph::Node>(node));
    }
  }
  return out;
}

}  // namespace

void RecordGraph::reserve(std::size_t nodes, std::size_t edges) {
  ids_.reserve(nodes);
  rows_.reserve(nodes);
  edges_.reserve(edges);
  if (const std::size_t slots = std::bit_ceil(nodes + nodes / 2 + 1); slots > slots_.size()) {
    grow(slots);
  }
}

std::size_t RecordGraph::bytes() const {
  return ids_.capacity() * sizeof(Uuid) + rows_.capacity() * sizeof(Row) +
         edges_.capacity() * sizeof(Node) + slots_.capacity() * sizeof(Node);
}

std::size_t RecordGraph::slot_of(const Uuid& id) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = mixed(seed_, id) & mask;
  while (slots_[slot] != kNone && ids_[slots_[slot]] != id) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void RecordGraph::grow(std::size_t slots) {
  slots_.assign(slots, kNone);
  for (Node node = 0; node < ids_.size(); ++node) {
    slots_[slot_of(ids_[node])] = node;
  }
}

RecordGraph::Node RecordGraph::named(const Uuid& id) {
  if (slots_.size() * 2 <= (ids_.size() + 1) * 3) {
    grow(std::max(kFirstSlots, slots_.size() * 2));
  }
  Node& slot = slots_[slot_of(id)];
  if (slot == kNone) {
    PAWL_CHECK(ids_.size() < kNone, "a graph has less than 2^32 - 1 nodes");
    slot = static_cast<Node>(ids_.size());
    ids_.push_back(id);
    rows_.emplace_back();
  }
  return slot;
}

RecordGraph::Node RecordGraph::find(const Uuid& id) const {
  return slots_.empty() ? kNone : slots_[slot_of(id)];
}

RecordGraph::Node RecordGraph::add(const Uuid& id, std::span<const Uuid> parents, Facts facts) {
  const Node node = named(id);
  if (rows_[node].there) {
    return kNone;
  }
  PAWL_CHECK(parents.size() <= std::numeric_limits<std::uint16_t>::max(),
             "a node has at most 65,535 parents");
  PAWL_CHECK(edges_.size() + parents.size() < kNone, "a graph has less than 2^32 - 1 edges");
  const std::size_t first = edges_.size();
  for (const Uuid& parent : parents) {
    const Node above = named(parent);
    const auto begin = edges_.begin() + static_cast<std::ptrdiff_t>(first);
    if (std::find(begin, edges_.end(), above) == edges_.end()) {
      edges_.push_back(above);
    }
  }
  Row& row = rows_[node];
  row.first = static_cast<std::uint32_t>(first);
  row.count = static_cast<std::uint16_t>(edges_.size() - first);
  row.level = facts.level;
  row.partial = facts.partial;
  row.recorded = facts.recorded;
  row.there = true;
  return node;
}

std::span<const RecordGraph::Node> RecordGraph::parents(Node node) const {
  return std::span(edges_).subspan(rows_[node].first, rows_[node].count);
}

// Depth first over parents, with a stack of its own. A parent that is still open closes a cycle;
// what is done, and not cyclic, has its whole chain behind it.
RecordGraph::Order RecordGraph::order() const {
  enum class State : std::uint8_t { kNew, kOpen, kDone, kCyclic };
  struct Open {
    Node node;
    std::uint16_t next = 0;  // the parent to look at
    bool cyclic = false;
  };
  std::vector<State> states(ids_.size(), State::kNew);
  std::vector<Open> stack;
  Order out;
  out.nodes.reserve(ids_.size());
  for (Node start = 0; start < ids_.size(); ++start) {
    if (!rows_[start].there || states[start] != State::kNew) {
      continue;
    }
    states[start] = State::kOpen;
    stack.push_back({start});
    while (!stack.empty()) {
      Open& top = stack.back();
      if (top.next < rows_[top.node].count) {
        const Node parent = edges_[rows_[top.node].first + top.next++];
        if (states[parent] == State::kOpen || states[parent] == State::kCyclic) {
          top.cyclic = true;
        } else if (states[parent] == State::kNew && rows_[parent].there) {
          states[parent] = State::kOpen;
          stack.push_back({parent});
        }
        continue;
      }
      const Open done = top;
      stack.pop_back();
      states[done.node] = done.cyclic ? State::kCyclic : State::kDone;
      (done.cyclic ? out.cyclic : out.nodes).push_back(done.node);
      if (done.cyclic && !stack.empty()) {
        stack.back().cyclic = true;
      }
    }
  }
  std::sort(out.cyclic.begin(), out.cyclic.end());
  return out;
}

std::vector<RecordGraph::Standing> RecordGraph::standings(const Order& order) const {
  std::vector<Standing> out(ids_.size());
  for (const Node node : order.nodes) {
    Standing standing{rows_[node].level, rows_[node].partial};
    for (const Node parent : parents(node)) {
      standing.level = std::min(standing.level, out[parent].level);
      standing.partial = standing.partial || out[parent].partial;
    }
    out[node] = standing;
  }
  for (const Node node : order.cyclic) {
    out[node] = {0, true};
  }
  return out;
}

RecordGraph::Walk RecordGraph::ancestors(std::span<const Node> of, Limits limits) const {
  Walk walk;
  std::vector<bool> met(ids_.size());
  std::vector<Node> open(of.begin(), of.end());
  std::size_t count = 0;
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    for (const Node parent : parents(node)) {
      if (met[parent]) {
        continue;
      }
      if (count == limits.most) {
        walk.too_many = true;
        walk.nodes = marked(met);
        return walk;
      }
      met[parent] = true;
      ++count;
      if (limits.past_recorded || !rows_[parent].recorded) {
        open.push_back(parent);
      }
    }
  }
  walk.nodes = marked(met);
  return walk;
}

std::vector<RecordGraph::Node> RecordGraph::descendants(std::span<const Node> of) const {
  // The edges the other way round: children of node n from begins[n] to begins[n + 1].
  std::vector<std::uint32_t> begins(ids_.size() + 1);
  for (const Node parent : edges_) {
    ++begins[parent + 1];
  }
  for (std::size_t node = 0; node < ids_.size(); ++node) {
    begins[node + 1] += begins[node];
  }
  std::vector<Node> children(edges_.size());
  std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
  for (Node node = 0; node < ids_.size(); ++node) {
    for (const Node parent : parents(node)) {
      children[next[parent]++] = node;
    }
  }
  std::vector<bool> met(ids_.size());
  std::vector<Node> open(of.begin(), of.end());
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    for (std::uint32_t at = begins[node]; at < begins[node + 1]; ++at) {
      if (!met[children[at]]) {
        met[children[at]] = true;
        open.push_back(children[at]);
      }
    }
  }
  return marked(met);
}

}  // namespace pawl
