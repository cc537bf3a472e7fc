// The signed snapshot file DATA/ledger/snapshot (docs/formats/snapshot.md).
//
// Purpose:    what start-up needs so that it reads only the tail of the log: the decision state of
//             the fold, the right edge of the tree, the open intents, and where to read on.
// Threading:  plain functions.
// Errors:     kMalformed, kBadSignature, kUnsupported: the caller then replays the log instead.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/ledger/ledger.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/segment.h"

namespace pawl::ledger {

struct SnapshotFile {
  std::uint32_t fold_version = 0;
  std::uint64_t size = 0;  // entries that `state` has seen
  Digest root{};           // of the tree of that size
  std::string state;       // of the fold, JSON text
  Position at;             // read on from here: at.size >= size
  Position bundle_from;    // the batch of entry (at.size - 1) & ~255; the first batch when empty
  std::vector<std::vector<Digest>> upper;  // partial tiles at `at`, of level 1 and above
  std::vector<Intent> open_intents;        // at `at`, in log order
};

inline constexpr std::size_t kMaxSnapshotBytes = 256u << 20;

// Whether a text is meant as one, whatever its version.
bool is_snapshot(std::string_view text);
// From the text of its note, whose signature is not looked at.
Result<SnapshotFile> parse_snapshot(std::string_view text);
Result<std::string> print_snapshot(const SnapshotFile& snapshot, const NoteSigner& signer);
Result<SnapshotFile> open_snapshot(std::string_view bytes, const VerifierKey& trusted);

}  // namespace pawl::ledger
