// What a witness policy says of a verification: did enough witnesses see the checkpoint.
//
// Purpose:    the part of `pawl verify --policy`; it adds to a Report and never softens it.
// Threading:  pure.
// Verdicts:   kGood     the policy is met, and the checkpoint covers everything that was verified;
//             kBad      a line of a listed witness is false;
//             kUnknown  the policy is not met, its logs are others, no checkpoint is there, or
//                       entries stand behind it that no witness saw.
// Not errors: `quorum none` without a checkpoint: nothing was asked for.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/ledger/verify.h"
#include "foundation/ledger/witness_policy.h"

namespace pawl::ledger {

struct WitnessCheck {
  Verdict verdict = Verdict::kUnknown;
  std::string reason;      // one sentence; empty when good
  std::uint64_t size = 0;  // of the checkpoint that was judged
  WitnessPolicy::Answer answer;
};

// `report`: of the same verification, which compared its checkpoint with the log.
// `trust`: as verify_folder() and verify_receipt() got it; null: the log is not compared.
WitnessCheck check_witnesses(const Report& report, const Trust* trust, const WitnessPolicy& policy);

}  // namespace pawl::ledger
