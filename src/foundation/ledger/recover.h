// Start-up: brings the log's state back from the snapshot and the segments.
//
// Threading:  called once, before any thread of the ledger runs.
// Errors:     as Ledger::open().
#pragma once

#include <functional>
#include <string>

#include "base/files.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/note.h"

namespace pawl::ledger {

std::string checkpoint_path(const std::string& folder);
std::string snapshot_path(const std::string& folder);
std::string vkey_path(const std::string& folder);

struct Replay {
  std::uint32_t fold_version = 0;
  std::function<bool(std::string_view)> load_state;
  ApplyEntry apply;
};

struct Recovered {
  LogState state;
  bool segment_missing = false;  // state.at.segment has to be made
  Position last_batch;           // where the last whole batch begins
};

Result<Recovered> recover(Files& files, const std::string& folder, const VerifierKey& log_key,
                          const Replay& replay, Recovery& recovery);

}  // namespace pawl::ledger
