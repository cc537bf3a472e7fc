// What the head that an auditor pinned says of the logs that `pawl verify` read.
//
// Purpose:    keys alone cannot tell a log from another one that their holder made anew: only a
// head
//             that was seen before can, and only of the log that it is of.
// Threading:  pure over Files.
// Source:     docs/operations/verify.md.
#pragma once

#include <string>

#include "app/commands/verify_answer.h"
#include "base/files.h"

namespace pawl {

// A renewal stopped between two logs: the next one has no folder yet.
bool is_between_logs(Files& files, const std::string& path);

// Bad, when the pin is of a log that the data folder at `path`, or its log in use, does not have
// yet: it is an older copy.
void refuse_older(Files& files, const std::string& path, const std::string& origin,
                  const ledger::Trust& trust, VerifyAnswer& answer);

// Good becomes undecided where the pinned head was compared with nothing: it is of no log that was
// read. `here`: for the log that was asked for; `brought`: as the auditor has it.
void need_pinned_head(const ledger::Trust& here, const ledger::Trust& brought,
                      VerifyAnswer& answer);

}  // namespace pawl
