// The graph of all records of a data folder, of the log in use and of the frozen ones.
//
// Purpose:    what `pawl ledger chain` walks. The edges come from the indexes; whatever is said of
// a
//             record is read from its entry and compared with them, so that an index that somebody
//             changed misleads nobody.
// Threading:  the main thread.
// Cost:       the rows of every index once (a second or two for a million records), and 56 to 70
//             bytes of memory for each.
// Errors:     kBadSignature: an entry and the index differ; and what the ledger's reader says.
// Not errors: parents that no log has. A token of somebody else that a record stands for is a node
//             under its own id.
// Source:     docs/formats/index.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "foundation/records/record_graph.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

class LedgerGraph {
 public:
  using Node = RecordGraph::Node;

  static Result<LedgerGraph> load(Context& context, const std::string& root);

  const RecordGraph& graph() const { return graph_; }
  // Reads the entries of these nodes (those that are there) from their logs, the oldest log first,
  // and compares them with the graph.
  Status each_entry(Context& context, const std::vector<Node>& nodes,
                    const std::function<void(Node node, store::RecordRow row,
                                             std::string_view token)>& see) const;
  // Builds all indexes again: one of them was wrong.
  static Status rebuild(Context& context, const std::string& root);

 private:
  struct Place {
    std::uint64_t log = 0;  // as in RecordRow
    std::uint64_t index = 0;
  };
  LedgerGraph(std::string root, std::uint64_t seed) : root_(std::move(root)), graph_(seed) {}
  Status add_log(Context& context, std::uint64_t log);
  Status compare(Node node, const store::RecordRow& row) const;

  std::string root_;
  RecordGraph graph_;
  std::vector<Place> places_;  // by node; of one that is only named it says nothing
};

}  // namespace pawl
