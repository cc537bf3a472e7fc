// Is an evidence file what it claims to be: every record of it, who signed it, and what it shows.
//
// Purpose:    what `pawl verify FILE` runs on the records of one workflow.
// Threading:  pure.
// Verdicts:   kBad      a proof that does not lead to the checkpoint, a signature that is false or
// by a
//                       key that might not sign there, a record without a reason to be here, a list
//                       of missing parents that is not what is missing;
//             kUnknown  no trust root, a key that it does not hold, suspect entries, a parent that
//                       this ledger has and the file has not;
//             kGood     what is in the file stands in the log. Never that it is all.
// Not errors: parents that are missing and that the records themselves say to be from elsewhere:
// the
//             graph is partial, and the verdict stays.
// Source:     docs/formats/evidence.md.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/ledger/evidence.h"
#include "foundation/ledger/evidence_graph.h"

namespace pawl::ledger {

struct EvidenceReport {
  Report report;        // entries: of both lists; outcomes: of the workflow and what it came from
  EvidenceGraph graph;  // empty when it is proven wrong
  std::uint64_t key_records = 0;
};

// `trust`: for the log that the checkpoint names.
EvidenceReport check_evidence(const Evidence& evidence, const std::optional<Trust>& trust);

}  // namespace pawl::ledger
