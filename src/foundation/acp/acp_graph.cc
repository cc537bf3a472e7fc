#include "foundation/acp/acp_graph.h"

#include <algorithm>

#include "foundation/jose/token_refusal.h"

namespace pawl::acp {

using jose::refuse;

Result<Graph> Graph::of(const Claims& claims) {
  if (claims.nodes.empty()) {
    return refuse("no_nodes: the graph has no node");
  }
  Graph out;
  for (const Node& node : claims.nodes) {
    if (!out.places_.emplace(node.id, Place{}).second) {
      return refuse("duplicate_node: two nodes have the id " + node.id);
    }
  }
  for (const Edge& edge : claims.edges) {
    const auto from = out.places_.find(edge.from);
    const auto to = out.places_.find(edge.to);
    if (from == out.places_.end() || to == out.places_.end()) {
      return refuse("unknown_node: the edge " + edge.from + " -> " + edge.to + " leads to no node");
    }
    if (from == to) {
      return refuse("self_edge: the node " + edge.from + " delegates to itself");
    }
    std::vector<std::string>& parents = to->second.parents;
    if (std::find(parents.begin(), parents.end(), edge.from) != parents.end()) {
      return refuse("duplicate_edge: " + edge.from + " -> " + edge.to + " stands twice");
    }
    parents.push_back(edge.from);
    from->second.children.push_back(edge.to);
  }
  return out.walk().map([&] { return std::move(out); });
}

// From the roots on, each node after all of its parents.
Status Graph::walk() {
  std::map<std::string, std::size_t, std::less<>> waits_for;
  std::vector<std::string> ready;
  for (const auto& [id, place] : places_) {
    waits_for[id] = place.parents.size();
    if (place.parents.empty()) {
      ready.push_back(id);
    }
  }
  std::size_t reached = 0;
  while (!ready.empty()) {
    const std::string id = std::move(ready.back());
    ready.pop_back();
    ++reached;
    const Place& place = places_.find(id)->second;
    for (const std::string& child : place.children) {
      Place& below = places_.find(child)->second;
      below.depth = std::max(below.depth, place.depth + 1);
      if (--waits_for[child] == 0) {
        ready.push_back(child);
      }
    }
  }
  if (reached != places_.size()) {
    return refuse("cycle: some node is reached from no root, for it delegates to its own parents");
  }
  return depth() > kMaxDepth ? Status(refuse("too_deep: the graph is deeper than 16 delegations"))
                             : Status();
}

std::vector<std::string> Graph::parents(std::string_view node) const {
  const auto found = places_.find(node);
  return found == places_.end() ? std::vector<std::string>() : found->second.parents;
}

std::uint32_t Graph::depth(std::string_view node) const {
  const auto found = places_.find(node);
  return found == places_.end() ? 0 : found->second.depth;
}

std::uint32_t Graph::depth() const {
  std::uint32_t deepest = 0;
  for (const auto& [id, place] : places_) {
    deepest = std::max(deepest, place.depth);
  }
  return deepest;
}

std::set<std::string, std::less<>> Graph::below(const std::vector<std::string>& from) const {
  std::set<std::string, std::less<>> out;
  std::vector<std::string> open(from);
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    const auto found = places_.find(id);
    if (found != places_.end() && out.insert(id).second) {
      open.insert(open.end(), found->second.children.begin(), found->second.children.end());
    }
  }
  return out;
}

}  // namespace pawl::acp
