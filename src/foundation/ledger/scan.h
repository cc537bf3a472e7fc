// Reads the segments of a log, batch by batch, and tells a torn tail from damage.
//
// Purpose:    the one reader of segments: start-up, walk, verification and rebuilding use it.
// Threading:  pure over Files; the folder may be written meanwhile by its daemon.
// Errors:     kBadSignature: damage, with segment, offset and entry index; kUnsupported (a newer
//             format); kIo; and whatever the sink answers.
// Not errors: an unfinished batch at the very end (torn: never acknowledged, or being written now).
//             It is torn only if no frame of a later batch follows it: a batch is written when the
//             one before is durable, so a later one proves that this one was whole.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/segment.h"

namespace pawl::ledger {

// Intents and entries in order, then one checkpoint frame. Bodies are valid during the sink's call.
struct Batch {
  Position begin;
  Position end;
  std::vector<Frame> frames;
};

struct ScanEnd {
  Position at;                   // where the next batch belongs
  bool segment_missing = false;  // at.segment does not exist yet, or was never written to
  std::uint64_t torn_bytes = 0;  // of an unfinished batch at `at`
  std::string torn;              // where and how it is unfinished; empty: nothing is torn
};

using BatchSink = std::function<Result<bool>(const Batch&)>;  // false ends the scan

// Scans from the first segment (of a pruned log: the first that is kept), or from a position that a
// scan or a signed snapshot gave.
Result<ScanEnd> scan_log(Files& files, const std::string& folder,
                         const std::optional<Position>& from, const BatchSink& sink);

// The start of the segment that holds entry `index` (the last one that begins at or before it).
// nullopt: there are no segments.
Result<std::optional<Position>> find_segment(Files& files, const std::string& folder,
                                             std::uint64_t index);

// "segment 000000000001.seg offset 4711: what (at entry 17)"
std::string place(std::uint64_t segment, std::uint64_t offset, std::string_view what,
                  std::uint64_t entry);

}  // namespace pawl::ledger
