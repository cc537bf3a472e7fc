// Checkpoints (C2SP tlog-checkpoint): a signed note whose text is origin, size and root.
//
// Threading:  plain functions.
// Errors:     kMalformed (which line), kBadSignature, kUndecidable as in note.h.
// Not errors: extension lines: they are kept and have no meaning to Pawl.
//
// Example:
//   Result<TreeHead> head = open_checkpoint(bytes, trusted_key);   // verified, origin compared
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/sha256.h"
#include "foundation/ledger/note.h"

namespace pawl::ledger {

struct TreeHead {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
  std::vector<std::string> extensions;
};

// Decimal without leading zeros, at most 2^63 - 1. kMalformed otherwise.
Result<std::uint64_t> parse_decimal(std::string_view text);
// Base64 of exactly 32 bytes.
Result<Digest> parse_digest(std::string_view text);

std::string print_head(const TreeHead& head);  // the note's text
Result<TreeHead> parse_head(std::string_view text);
// Reads a checkpoint without verifying it.
Result<TreeHead> read_checkpoint(std::string_view note);
// Verifies; the origin must be the key's name.
Result<TreeHead> open_checkpoint(std::string_view note, const VerifierKey& trusted);

}  // namespace pawl::ledger
