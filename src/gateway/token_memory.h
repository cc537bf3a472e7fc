// What this instance knows of tokens: its own records, those of others that stand in its ledger,
// and what was verified since the start.
//
// Purpose:    a known id keeps its words, also over a restart: the memory is the ledger's, found by
//             its index; what the index does not have yet is recalled from the ledger at the start.
// Threading:  the I/O thread.
// Errors:     kTokenInvalid, "equivocation": same `iss` and `jti`, other payload.
//             kEvidenceUnavailable: the index is being built, and whether the token is known cannot
//             be told. Asking again helps.
// Bounds:     those of known_tokens.h and recorded_tasks.h. While the index is being built, ids are
//             looked for among what was recorded within the lifetime of a token.
// Source:     docs/formats/ect.md, "Order of checks", step 13.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "base/clock.h"
#include "foundation/ect/known_tokens.h"
#include "gateway/recorded_tasks.h"
#include "gateway/recorder.h"

namespace pawl {

class TokenMemory {
 public:
  explicit TokenMemory(std::size_t most) : known_(most) {}

  // A record of ours, which tokens of others may name as a parent.
  void recorded(const RecordDraft& draft, std::string_view token, WallTime at);
  // One by its claims as they stand in our ledger; what it says of a token of others is kept, too.
  void recorded(const ect::Claims& claims);
  // Of those made before this start, the records since this second were told here. Not called: all.
  void recalled_since(std::int64_t seconds) { recalled_since_ = seconds; }
  void ask_for_older(RecordedTasks::Older older, std::function<bool()> ready) {
    recorded_.ask_for_older(std::move(older), std::move(ready));
  }
  const RecordedTasks& records() const { return recorded_; }

  // Of a verified token of others: finds what the ledger knows of it.
  Status recall(const ect::Token& token, WallTime now);
  // `token` is verified. Refuses other words than those that are known.
  Status note(const ect::Token& token);
  // As in known_tokens.h.
  bool knows(const ect::Token& token) { return known_.knows(token); }
  void forget(const ect::Token& token) { known_.forget(token); }
  ect::Keeping keeping(const ect::Token& token) { return known_.keeping(token); }
  void set_keeping(const ect::Token& token, ect::Keeping keeping) {
    known_.set_keeping(token, keeping);
  }

 private:
  ect::KnownTokens known_;
  RecordedTasks recorded_;
  std::int64_t recalled_since_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace pawl
