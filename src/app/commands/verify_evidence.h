// `pawl verify FILE` of an evidence file (docs/formats/evidence.md).
//
// Purpose:    reads the file, asks every part of it, and says what it shows and what it does not.
// Threading:  the main thread.
// Not errors: what is found is the verdict's.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "app/commands/command.h"
#include "app/commands/verify_answer.h"
#include "foundation/ledger/witness_policy.h"

namespace pawl {

// `trust_file`: what --trust says; empty: what was pinned.
VerifyAnswer verify_evidence(Context& context, std::string_view text, const std::string& trust_file,
                             const std::optional<ledger::WitnessPolicy>& policy);

}  // namespace pawl
