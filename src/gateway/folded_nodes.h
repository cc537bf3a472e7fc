// Which nodes of policy tokens are done, and which tokens have their record: a part of the fold.
//
// Purpose:    a record of a call that was forwarded under a token names the run (the chain's first
//             token) and the node. Confirmed: the node is done, for ever. Failed or unknown, and
//             not done before: it has failed. A call that left a task running is told by that
//             task's outcome. A call that was refused, or never sent, changes nothing.
// Threading:  plain value.
// Bounds:     kMost nodes, as many open tasks, as many tokens; a run's go when its first token
//             ends, by the time of the records. What is beyond changes nothing: a node stays open.
// Errors:     read(): kMalformed: an entry that cannot be read. One failed node too few would let
//             something pass.
// Not errors: an outcome of a task that belongs to no node.
// Source:     docs/formats/records.md (`acp`, policy.issued), docs/formats/snapshot.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/fold_part.h"

namespace pawl {

class PolicyNodes {
 public:
  static constexpr std::size_t kMost = 16'384;
  // From here on no further node is begun: so many calls may be under way that were let pass.
  static constexpr std::size_t kRoomFor = kMost - 4'096;

  enum class State { kOpen, kDone, kFailed };
  State state(std::string_view run, std::string_view node) const;
  bool has_room() const { return nodes_.size() < kRoomFor; }
  bool is_issued(std::string_view digest) const { return issued_.contains(digest); }

  void apply(const FoldedRecord& record);
  void print_to(json::Object& out) const;
  static Result<PolicyNodes> read(const json::Value& state);

 private:
  using Key = std::pair<std::string, std::string>;  // run, node
  struct Seen {
    bool is_done = false;
    std::int64_t until_s = 0;
  };
  struct Task {
    Key key;
    std::int64_t until_s = 0;
  };
  void forget_what_ended(std::int64_t now_s);
  void outcome(const Key& key, std::int64_t until_s, bool is_done);
  void take_issued(const FoldedRecord& record);
  void take_ended_tasks(const FoldedRecord& record);
  void take_call(const FoldedRecord& record);
  Status read_nodes(const json::Array& list);
  Status read_tasks(const json::Array& list);
  Status read_issued(const json::Array& list);

  std::map<Key, Seen> nodes_;
  std::map<Uuid, Task> tasks_;                               // by the id of the call that made it
  std::map<std::string, std::int64_t, std::less<>> issued_;  // exp by digest
};

struct FoldedNodes {
  PolicyNodes policy_nodes;

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record) { policy_nodes.apply(record); }
  // "acp_nodes":[...],"acp_tasks":[...],"acp_tokens":[...]; each only where there is something.
  void print_to(json::Object& out) const { policy_nodes.print_to(out); }
  static Result<FoldedNodes> read(const json::Value& state) {
    return PolicyNodes::read(state).map(
        [](PolicyNodes nodes) { return FoldedNodes{std::move(nodes)}; });
  }
};

}  // namespace pawl
