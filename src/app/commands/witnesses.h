// `pawl verify --policy FILE`: the witness policy that the verifier brought, and what came of it.
//
// Purpose:    reads the file (docs/formats/witness_policy.md), puts the check beside the others of
//             `pawl verify`, and shows it to people and to programs.
// Threading:  the main thread.
// Errors:     kNotFound, kIo (the file), kMalformed, kTooLarge, kUnsupported, with its line.
// Not errors: names that are no UTF-8; they are shown escaped, and as U+FFFD in JSON.
#pragma once

#include <string>

#include "base/files.h"
#include "base/json.h"
#include "foundation/ledger/witness_check.h"

namespace pawl {

Result<ledger::WitnessPolicy> read_policy(Files& files, const std::string& path);

// Bad beats undecided beats good.
void combine(ledger::Report& report, const ledger::WitnessCheck& check);

std::string witnesses_text(const ledger::WitnessCheck& check);
json::Object witnesses_json(const ledger::WitnessCheck& check);

}  // namespace pawl
