// The decisions that survive a restart: a fold over records (design, section 3).
//
// Purpose:    apply(state, record) rebuilds what is in force: stops, revocations, the rule set's
//             digest, the tasks whose end is still to be recorded, which keys may sign, and
//             which nodes of policy tokens are done. Replay
//             emits nothing and gives the same state in every later version.
// Threading:  plain value; the I/O thread applies.
// Format:     the snapshot's JSON: {"last_iat":SECONDS, and each part's members}; a part's header
//             names them (docs/formats/snapshot.md).
// Extending:  a part (fold_part.h) in a file of its own, and its name in DecisionParts. A new part
//             needs a new kFoldVersion: a snapshot that never saw its records is discarded.
#pragma once

#include <string>
#include <string_view>

#include "gateway/folded_approvals.h"
#include "gateway/folded_keys.h"
#include "gateway/folded_nodes.h"
#include "gateway/folded_operators.h"
#include "gateway/folded_overrides.h"
#include "gateway/folded_policy.h"
#include "gateway/folded_unknowns.h"
#include "gateway/followed_tasks.h"
#include "gateway/recorded_state.h"

namespace pawl {

// The one list. Its order is that of the printed members, and means nothing else.
using DecisionParts = Fold<FoldedOverrides, FoldedPolicy, FoldedUnknowns, FoldedTasks, FoldedKeys,
                           FoldedState, FoldedApprovals, FoldedOperators, FoldedNodes>;

struct Decisions : DecisionParts {
  static constexpr std::uint32_t kFoldVersion = 7;

  std::int64_t last_iat = 0;  // seconds; the recorder's time goes on from here

  // One record of the log, by its index. A token that is not a Pawl record changes last_iat alone.
  void apply(std::uint64_t index, std::string_view token);
  // The same for a record just made: does nothing, cheaply, for the many that change no decision.
  // `draft_says`: RecordDraft::changes_decisions() of its draft.
  void apply_if_state(std::string_view kind, bool draft_says, std::uint64_t index,
                      std::string_view token);
  std::string print() const;
  static Result<Decisions> read(std::string_view text);
};

}  // namespace pawl
