// Evidence that a log shows two histories: two of its checkpoints that cannot both be of one log.
//
// Purpose:    tell whether two checkpoints contradict each other, and the file that proves it to
//             anybody who has the log's key (docs/formats/equivocation.md).
// Threading:  pure.
// Errors:     kMalformed (not such a file, or not a checkpoint in it), kTooLarge, kUnsupported (a
//             newer file), kBadSignature (not both are signed by the log), kUndecidable (they do
//             not contradict each other, or the proof does not show that they do).
// Not errors: lines of witnesses and others in the notes; they have no meaning here.
//
// Example:
//   const std::optional<Equivocation> proven = contradiction(seen_before, seen_now, proof,
//   log_key); if (proven) { keep print_equivocation(*proven) }                       //
//   kept_evidence.h Result<Contradiction> found = check_equivocation(*parse_equivocation(text),
//   log_key);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/ledger/merkle.h"
#include "foundation/ledger/note.h"

namespace pawl::ledger {

inline constexpr std::size_t kMaxEquivocation = 512 * 1024;

struct Equivocation {
  std::string older, newer;  // checkpoints, exact bytes; the older one is not the larger one
  // Of one size: empty. Else prove_prefix() from the older size to the newer one, in the tree of
  // the newer checkpoint.
  Proof proof;
};

struct Contradiction {
  std::string origin;
  std::uint64_t older_size = 0, newer_size = 0;
  Digest root{};   // that the log signed for the older size
  Digest other{};  // that the newer checkpoint gives for it
};

// What the evidence proves, for whoever trusts `log`, a key of the checkpoints' origin.
Result<Contradiction> check_equivocation(const Equivocation& evidence, const VerifierKey& log);
// "the log NAME signed two histories: ..."
std::string contradiction_text(const Contradiction& found);

// Puts two checkpoints in order; nullopt: they prove nothing. `proof`: as in Equivocation.
std::optional<Equivocation> contradiction(std::string_view one, std::string_view other,
                                          const Proof& proof, const VerifierKey& log);

std::string print_equivocation(const Equivocation& evidence);
Result<Equivocation> parse_equivocation(std::string_view text);

// Whether a text says of itself that it is such evidence, of this version or another.
bool looks_like_equivocation(std::string_view text);

}  // namespace pawl::ledger
