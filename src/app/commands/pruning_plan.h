// What of a log may be pruned under a retention, and what of it has to stay.
//
// Purpose:    the furthest boundary: whole segments, a multiple of 256 entries, everything below it
//             recorded long enough ago; and the records below it that outlive it (kinds.h).
// Threading:  pure over Files; nobody writes the log meanwhile.
// Errors:     kBadSignature: an entry is not the one of the tree; then nothing may be deleted, as
//             it would be evidence that is deleted. kTooLarge: too much of it would stay.
// Not errors: nothing to prune: nullopt.
// Source:     docs/formats/minimum.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/files.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/minimum.h"

namespace pawl {

struct PruningPlan {
  std::uint64_t minimum_before = 0;
  ledger::Minimum minimum;     // its record is not written yet
  ledger::KeptEntries kept;    // below the new minimum index
  std::uint64_t segments = 0;  // files that go
  std::uint64_t gone() const { return minimum.index - kept.size(); }
};

// Of the entries below one minimum index that stay; more is no pruning, but kTooLarge.
inline constexpr std::size_t kMaxKeptBytes = 128u << 20;

// `log`: of `folder`, open. `before_s`: what was recorded earlier may go.
Result<std::optional<PruningPlan>> plan_pruning(Files& files, const std::string& folder,
                                                const ledger::Ledger& log, std::int64_t before_s,
                                                std::size_t most_kept = kMaxKeptBytes);

}  // namespace pawl
