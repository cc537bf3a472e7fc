// The graph of a policy token: checked as a whole, and asked for parents and depth.
//
// Threading:  immutable; pure functions.
// Errors:     kTokenInvalid: "no_nodes", "duplicate_node", "duplicate_edge", "unknown_node",
//             "self_edge", "cycle", "too_deep".
// Rule:       a root is a node to which no edge leads. Without a cycle every node is reached from a
//             root; the check walks from the roots, and what it does not reach is a cycle.
//
// Example:
//   Result<Graph> graph = Graph::of(claims);
//   for (const std::string& parent : graph->parents("n2")) { ... }
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/acp/acp_token.h"

namespace pawl::acp {

class Graph {
 public:
  static Result<Graph> of(const Claims& claims);

  bool has(std::string_view node) const { return places_.contains(node); }
  // Ids, in the order of the edges; empty for a root and for no node.
  std::vector<std::string> parents(std::string_view node) const;
  // Edges on the longest way from a root; 0 for a root.
  std::uint32_t depth(std::string_view node) const;
  std::uint32_t depth() const;  // of the deepest node
  // Nodes that one of `from` leads to, those included.
  std::set<std::string, std::less<>> below(const std::vector<std::string>& from) const;

 private:
  struct Place {
    std::vector<std::string> parents, children;
    std::uint32_t depth = 0;
  };
  Status walk();

  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace pawl::acp
