// The body of `add-checkpoint` (C2SP tlog-witness): a log shows a witness its newest checkpoint.
//
// Purpose:    read and print it; a witness reads it (witness.h), a log prints it.
//             docs/formats/witness.md.
// Threading:  pure.
// Errors:     kMalformed, naming the line. The checkpoint is not looked at here.
// Not errors: an old size of 0, with or without a proof: what fits is the witness's question.
//
// Example:
//   std::string body = print_add_checkpoint({20852014, proof, checkpoint});
//   Result<AddCheckpoint> asked = parse_add_checkpoint(body);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/ledger/merkle.h"

namespace pawl::witness {

// Of a body: room for 63 hashes and a checkpoint with some post-quantum signatures.
inline constexpr std::size_t kMaxAddCheckpoint = 64 * 1024;

struct AddCheckpoint {
  std::uint64_t old_size = 0;  // of the head that the witness cosigned last
  ledger::Proof proof;         // from there to the checkpoint; at most 63 hashes
  std::string note;            // the checkpoint, exact bytes
};

std::string print_add_checkpoint(const AddCheckpoint& asked);
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

}  // namespace pawl::witness
