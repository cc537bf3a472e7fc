// The head file: the newest published checkpoint, kept outside the data folder, so that a backup
// that was put back is noticed (docs/formats/head_file.md).
//
// Threading:  a plain function, before any thread of the ledger runs.
// Errors:     kConflict: the file knows a longer log, or the log is not empty and the file is not
//             there: a person has to look; kBadSignature: what it knows is not of this log; kIo,
//             also when a new one cannot be written.
// Not errors: no path; no file while the log is empty: it begins with the empty log's checkpoint,
//             so that a crash before the first publication leaves no log without a head file.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/tile_edge.h"

namespace pawl::ledger {

// `edge` and `newest`, its checkpoint, are of the log in `folder`, as recovered. If the file knows
// another history, both are kept as evidence beside the folder, and the error names it.
Status check_head_file(Files& files, const std::string& folder, const Options& options,
                       const NoteSigner& signer, const VerifierKey& log_key, const TileEdge& edge,
                       const std::string& newest);

// What it says of this log; nullopt: nothing yet, it holds a checkpoint of the log that this one
// goes on from (Options::origin_before). `path` is for the error.
Result<std::optional<TreeHead>> open_head(const std::string& path, const std::string& note,
                                          const Options& options, const VerifierKey& log_key);

}  // namespace pawl::ledger
