// Where evidence against a log is kept: a folder of equivocation files.
//
// Purpose:    whoever finds a contradiction keeps it here before telling anybody. A file is never
//             changed or removed by Pawl: what it proves stays true, and it is raised as long as it
//             is there.
// Threading:  plain functions; one writer of a folder at a time.
// Bounds:     of one log and one older size the first evidence is kept; 100 files in all. More of
//             them say nothing new, and a log that signs anything must not fill a disk.
// Errors:     as check_equivocation(); kTooLarge (100 are there), kIo.
// Not errors: a folder that is not there (nothing is kept); the same evidence again.
//
// Example:
//   Result<std::string> path = keep_evidence(files, evidence_folder("DATA"), *proven, log_key);
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/equivocation.h"

namespace pawl::ledger {

inline constexpr std::size_t kMostEvidence = 100;

// Of a data folder, a witness, or a log that is followed.
std::string evidence_folder(const std::string& root);

// Durable when it returns. The path: of this evidence, or of the one that was kept first.
Result<std::string> keep_evidence(Files& files, const std::string& folder,
                                  const Equivocation& evidence, const VerifierKey& log);
// Paths, sorted. Nothing is read or verified.
std::vector<std::string> kept_evidence(Files& files, const std::string& folder);

}  // namespace pawl::ledger
