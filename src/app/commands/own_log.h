// The log of a data folder that no daemon writes, for a command that changes it by hand.
//
// Purpose:    `pawl ledger renew` and `pawl ledger prune` open it as a start does: the decisions in
//             force, what is open, and a ledger without threads of its own.
// Threading:  the main thread. Who opens it holds the folder's lock (data_folder.h).
// Ownership:  what the Context and the keys refer to outlives it.
// Errors:     as Ledger::open; kMalformed (opened.json).
#pragma once

#include <memory>
#include <optional>

#include "app/commands/command.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/renewal.h"
#include "gateway/decisions.h"

namespace pawl {

struct OwnLog {
  std::uint64_t number = 1;
  ledger::Options options;  // it was opened with
  std::optional<ledger::Opened> opened;
  Decisions decisions;
  ledger::Recovery recovery;
  std::unique_ptr<ledger::Ledger> log;
};

// `head_file`: a ledger that is older than it is refused; empty: it is not looked at.
Result<std::unique_ptr<OwnLog>> open_own_log(Context& context, const DataFolder& folder,
                                             const Config& config, const SigningKey& log_key,
                                             const std::string& head_file);

}  // namespace pawl
