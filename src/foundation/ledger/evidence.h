// The evidence file: the records of one workflow with everything that proves them, in one text.
//
// Purpose:    reads and prints the form `pawl.evidence/1` (docs/formats/evidence.md). Whether what
//             it says is true is asked by evidence_check.h.
// Threading:  pure functions, plain values.
// Errors:     kMalformed (which member, and what was expected), kTooLarge (bytes, counts),
//             kUnsupported (a text that does not hold "pawl.evidence/1": another file, or a later
//             form).
// Not errors: keys that nobody trusts: they are information. White space between JSON tokens.
//
// Example:
//   Result<ledger::Evidence> evidence = ledger::parse_evidence(text);
//   ledger::EvidenceReport report = ledger::check_evidence(*evidence, trust);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {

inline constexpr std::size_t kMaxEvidenceBytes = 64u << 20;
inline constexpr std::size_t kMostEvidenceEntries = 10'000;
inline constexpr std::size_t kMostEvidenceKeyRecords = 4'096;
inline constexpr std::size_t kMostMissingParents = 10'000;

struct EvidenceEntry {
  std::uint64_t index = 0;
  std::string token;  // the entry's exact bytes
  Proof path;         // its inclusion in the tree of the checkpoint
};

struct Evidence {
  Uuid workflow;
  std::string checkpoint;  // the signed note, exact bytes
  Trust keys;              // what the log says of itself; never trusted, and without a pinned head
  std::vector<EvidenceEntry> key_records;  // ascending; what tells who might sign
  std::vector<EvidenceEntry> entries;      // ascending; the workflow, and what it came from
  std::vector<Uuid> missing;               // ascending; parents that `entries` does not have
};

// An evidence file begins with a brace; a token never does.
bool looks_like_evidence(std::string_view text);
Result<Evidence> parse_evidence(std::string_view text);
// Compact, with a line end. `evidence` holds what parse_evidence() would accept.
std::string print_evidence(const Evidence& evidence);

}  // namespace pawl::ledger
