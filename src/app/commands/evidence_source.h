// Makes the evidence file of one workflow from a ledger's files.
//
// Purpose:    `pawl ledger export --workflow`. Every entry of the log is looked at, so that nothing
// of
//             the workflow is left out; only parents of other workflows are found by the index.
// Threading:  the main thread. Reads files only, also while a daemon writes them.
// Errors:     kNotFound (the workflow has no record in this log, or no checkpoint covers it yet),
//             kTooLarge (more records than a file may have), kEvidenceUnavailable (witnesses are
//             required and have not seen it), kBadSignature (the log does not verify), and what the
//             ledger's reader says.
// Not errors: parents that are not in this log: they are named as missing.
// Source:     docs/formats/evidence.md.
#pragma once

#include <cstdint>
#include <string>

#include "app/commands/command.h"
#include "foundation/ledger/evidence.h"

namespace pawl {

// `root`: a data folder or bundle; `log`: the number of a frozen log in it, 0: the log in use.
Result<ledger::Evidence> evidence_of(Context& context, const std::string& root, std::uint64_t log,
                                     const Uuid& workflow);

}  // namespace pawl
