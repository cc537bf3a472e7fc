// Whether the records of our own state have the form of their page, and follow from each other.
//
// Purpose:    a ledger tells which configuration was in force, who was enrolled and which processes
//             ran. `pawl verify` finds a record of these that says nothing, or contradicts the one
//             before.
// Threading:  plain value and functions.
// Verdicts:   kBad: a member is missing or of another form; the digest of a configuration is not
//             that of its sections; `before` is not the last digest; the end of a process that did
//             not begin in this log, or has ended.
// Not errors: an end whose beginning stands in the log before, as a renewed log may have; a process
//             that runs on at the end; a member that is not known; a body cut to its digest,
//             after which any `before` may follow.
// Source:     docs/formats/records.md.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "foundation/ledger/verify.h"

namespace pawl {

struct StateReport {
  ledger::Verdict verdict = ledger::Verdict::kGood;
  std::string reason;  // names the first bad record
  // What the records so far say.
  bool goes_on = false;           // from records that are not here: of another log, or pruned
  std::string configuration;      // the last digest
  bool is_cut = false;            // the last config.changed has only its body's digest
  std::set<std::string> running;  // ids of process.started without an end
  std::set<std::string> ended;    // ids that an end names
};

bool is_state_record(std::string_view act);
// One record: `claims` of kind `act`, its parents and its body. Empty: it is as it should be.
std::string wrong_state(std::string_view act, const json::Value& claims, const json::Value* parents,
                        const json::Value& body, StateReport& report);

// For verify_folder(); the report outlives the look.
ledger::EntryLook look_for_state(StateReport& report);
void combine(ledger::Report& report, const StateReport& state);

}  // namespace pawl
