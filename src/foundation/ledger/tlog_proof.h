// C2SP tlog-proof: the text form of a receipt (docs/formats/receipt.md).
//
// Threading:  plain functions.
// Errors:     kMalformed, naming the line. Nothing is verified here.
// Not errors: an `extra` line; it is carried and never trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/ledger/merkle.h"

namespace pawl::ledger {

struct TlogProof {
  std::string extra;        // raw bytes, empty when absent
  std::uint64_t index = 0;  // of the entry
  Proof path;               // at most 63 hashes
  std::string checkpoint;   // the signed note, exact bytes
};

std::string print_proof(const TlogProof& proof);
Result<TlogProof> parse_proof(std::string_view text);

}  // namespace pawl::ledger
