// The keys of a verified log, for people and for programs.
// Threading: pure functions.
#pragma once

#include <string>

#include "base/json.h"
#include "foundation/ledger/verify.h"

namespace pawl {

// "2; now KID since entry 18"; empty: the log has one key and says nothing of it.
std::string keys_text(const ledger::Report& report);
// "12 entries, 40 to 51, since 2026-03-07T09:00:00Z"
std::string suspect_text(const ledger::SuspectEntries& suspect);
json::Array keys_json(const ledger::Report& report);
json::Value suspect_json(const ledger::SuspectEntries& suspect);  // null: none

}  // namespace pawl
