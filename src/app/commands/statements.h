// Operators' signed statements inside records, checked against keys that the verifier brought.
//
// Purpose:    a stop must not be seen as lifted by a person who did not: what a person decided is
//             signed by the person, and the server cannot make it up (design, promise 5).
// Threading:  pure.
// Verdicts:   kBad: an `override.lifted`, `identity.restored` or `unknown.resolved` without a
//             statement, or a statement that does not verify or says something else than its
//             record. kUnknown: signed with a key that the trust file does not hold, or cut from a
//             body that was too large.
//             Likewise a `policy.activated` that has a statement.
// Not errors: a `policy.activated` without a statement; a trust file without operator keys: nothing
//             is checked (`checked` stays 0).
// Source:     docs/formats/override.md, resolution.md, revocation.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ledger/verify.h"
#include "operators/override/revocation.h"

namespace pawl {

struct StatementReport {
  ledger::Verdict verdict = ledger::Verdict::kGood;
  std::string reason;         // names the first bad, else the first undecided record
  std::uint64_t checked = 0;  // statements whose signature verifies
  std::uint64_t skipped = 0;  // records with a statement, without operator keys to check it
  // What is revoked at the end, by the entry that says so.
  std::map<std::uint64_t, override_::Revocation> revoked;
  std::vector<std::string> lifted;  // revocations that it says are no more, of earlier logs, too
};

// One record.
void check_statement(std::uint64_t index, std::string_view token, const ledger::Trust& trust,
                     StatementReport& report);
// For verify_folder(): every record of a data folder or bundle that a person may have signed. Both
// outlive the look.
ledger::EntryLook look_for_statements(const ledger::Trust& trust, StatementReport& report);
// Makes one verdict of both, in `report`.
void combine(ledger::Report& report, const StatementReport& statements);

}  // namespace pawl
