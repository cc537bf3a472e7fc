// The newest checkpoint of our log that meets the witness policy, and the lines that come for newer
// ones.
//
// Purpose:    gathers cosignatures until a checkpoint meets the policy, then keeps it in the file
//             DATA/ledger/cosigned (docs/formats/cosigned.md).
// Threading:  one thread.
// Ownership:  Files outlives it; the policy is shared.
// Errors:     open(): kIo, and kBadSignature: the file has a head of this log that is not of these
//             entries (an older or another copy of the ledger). add(): kNotFound (no line of this
//             witness), kBadSignature (a false one), kMalformed, kIo (met, and not kept: it does
//             not count).
// Not errors: no file; a file of another log, or one whose lines do not meet the policy (any more):
//             nothing is known then.
//
// Example:
//   Result<CosignedHead> cosigned = CosignedHead::open(files, path, log_key, policy, size,
//   root_at); Status added = cosigned->add(checkpoint, witness, answer_of_the_witness); if
//   (cosigned->newest() && cosigned->newest()->size > index) { a receipt can speak of it }
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/witness_policy.h"

namespace pawl::ledger {

std::string cosigned_path(const std::string& folder);  // of a ledger

// A cosigned checkpoint: the note has the log's lines and those of listed witnesses, each true.
struct Cosigned {
  Checkpoint checkpoint;
  WitnessPolicy::Answer answer;
};

// The note's log signature is checked, then its witnesses. kBadSignature; an answer that is not met
// is none.
Result<Cosigned> read_cosigned(std::string note, const VerifierKey& log,
                               const WitnessPolicy& policy);

class CosignedHead {
 public:
  using RootAt = std::function<Result<Digest>(std::uint64_t size)>;

  // `size`, `root_at`: of the entries that the log has.
  static Result<CosignedHead> open(Files& files, std::string path, VerifierKey log,
                                   std::shared_ptr<const WitnessPolicy> policy, std::uint64_t size,
                                   const RootAt& root_at);

  // The lines of `witness` (an index in the policy's witnesses) in what it answered about
  // `checkpoint`, a checkpoint of ours. Durable, if it is the one by which the policy is met.
  Status add(const std::string& checkpoint, std::size_t witness, std::string_view lines);

  const std::optional<Cosigned>& newest() const { return newest_; }
  const WitnessPolicy& policy() const { return *policy_; }

 private:
  struct Gathered {
    std::string checkpoint;                        // as published
    std::vector<std::optional<std::string>> line;  // by witness
    std::string note() const;
  };
  CosignedHead(Files& files, std::string path, VerifierKey log,
               std::shared_ptr<const WitnessPolicy> policy)
      : files_(&files), path_(std::move(path)), log_(std::move(log)), policy_(std::move(policy)) {}
  Gathered& gathered(const std::string& checkpoint);

  Files* files_;
  std::string path_;
  VerifierKey log_;
  std::shared_ptr<const WitnessPolicy> policy_;
  std::optional<Cosigned> newest_;
  std::deque<Gathered> open_;  // newest last
};

}  // namespace pawl::ledger
