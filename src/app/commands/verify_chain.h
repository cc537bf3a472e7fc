// Follows a log back over the frozen ones that it goes on from (docs/formats/renewal.md).
//
// Purpose:    `pawl verify PATH`: each frozen log is verified like any log, with the keys that were
//             pinned for the instance, and must be the one that the next one's first record names.
//             It stands below ledgers/ of the data folder or bundle.
// Threading:  pure over Files.
// Not errors: a log that goes on from none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands/statements.h"
#include "base/files.h"
#include "foundation/ledger/verify.h"

namespace pawl {

struct FrozenLog {
  std::uint64_t number = 0;
  ledger::Report report;
  StatementReport statements;  // what people signed in it; part of `report`'s verdict
  std::string origin{};        // as the next log's first record names it, with the head
  std::uint64_t size = 0;      // below: both are that record's word alone where is_here is false
  std::string root{};          // base64
  bool is_here = false;
};

// The data folder or bundle whose logs these are: a log before stands in its ledgers/. `path`: as
// given to verify.
std::string root_of_logs(Files& files, std::string path);

// The trust root of one instance for another log of it: the same keys, and the pinned head only
// where it belongs. Of another instance it stays what it is.
ledger::Trust trust_for(const ledger::Trust& trust, const std::string& origin);

// Newest first, back to log 1 or to the first that is not here (undecided). `path`: as given to
// verify: a data folder, a bundle, or the folder of one log. `newest`: of the log that `origin`
// names.
std::vector<FrozenLog> verify_chain(Files& files, const std::string& path,
                                    const std::string& origin, const ledger::Trust& trust,
                                    const ledger::Report& newest);

}  // namespace pawl
