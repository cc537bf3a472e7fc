// The head file: the newest published checkpoint, kept outside the data folder, so that a backup
// that was put back is noticed (docs/formats/head_file.md).
//
// Threading:  a plain function, before any thread of the ledger runs.
// Errors:     kConflict: the file knows a longer log, or the log is not empty and the file is not
//             there: a person has to look; kBadSignature: what it knows is not of this log; kIo.
// Not errors: no path; no file while the log is empty.
#pragma once

#include <string>

#include "base/files.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {

// `edge` is of the log in `folder`, as recovered.
Status check_head_file(Files& files, const std::string& folder, const Options& options,
                       const VerifierKey& log_key, const TileEdge& edge);

}  // namespace pawl::ledger
