// What an evidence file shows, and what it does not, for people and for programs.
// Threading: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/uuid.h"
#include "foundation/ledger/evidence_graph.h"
#include "foundation/ledger/verify.h"

namespace pawl {

struct ShownEvidence {
  Uuid workflow;
  ledger::EvidenceGraph graph;
  std::uint64_t key_records = 0;
  std::string fingerprint;  // of the keys that the file names; they are not trusted
};

// Lines, each with its label: what the file holds.
std::string evidence_text(const ShownEvidence& evidence);
// What a reader must know beside the verdict.
std::string evidence_notes(const ShownEvidence& evidence, ledger::Verdict verdict);
json::Object evidence_json(const ShownEvidence& evidence);

}  // namespace pawl
