// The execution graph of the tokens that a caller presents with a call.
//
// Purpose:    rules 1, 3, 4 and 5 of the graph refuse a token that breaks them. Rule 2 finds the
//             parents that are neither recorded here nor presented along: the call goes on, and its
//             record says that its graph is partial, and which they are.
// Threading:  a plain value and a pure function; the I/O thread.
// Bounds:     RecordedTasks::kMost, the newest: an older parent counts as not at hand.
// Errors:     kTokenInvalid with the reason of foundation/ect in front.
// Not errors: a token of this instance's own, and its parents: they were judged when it was
//             recorded; parents that nobody has.
// Source:     docs/formats/ect.md, "DAG".
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/ect/ect.h"

namespace pawl {

// What the ledger holds of late, for parents that were not presented.
class RecordedTasks {
 public:
  static constexpr std::size_t kMost = 16'384;

  void note(const Uuid& id, std::int64_t iat, const std::optional<Uuid>& workflow);
  std::optional<ect::Parent> find(const Uuid& id) const;

 private:
  struct Task {
    std::int64_t iat = 0;
    std::optional<Uuid> workflow;
  };
  std::unordered_map<Uuid, Task> tasks_;
  std::deque<Uuid> order_;
};

inline constexpr std::size_t kMostMissing = 16;

// `presented`: verified, each text once. Returns parents that are not at hand, each once, at most
// kMostMissing.
Result<std::vector<Uuid>> check_presented_graph(
    const std::vector<std::shared_ptr<const ect::Token>>& presented, std::string_view own_issuer,
    const RecordedTasks& recorded);

}  // namespace pawl
