// What an operator must have signed for a `key.compromised` record.
//
// Threading:  pure.
// Verdicts:   kBad: no statement, a false one, or one that says something else than the record;
//             kUnknown: the verifier has no key of that operator. Without trust no signature is
//             checked.
// Source:     docs/formats/key_records.md.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/ledger/verify.h"
#include "foundation/records/key_record.h"

namespace pawl::ledger {

struct CompromiseCheck {
  Verdict verdict = Verdict::kGood;
  std::string reason;  // unless good
};
// `iss` and `iat` of the record.
CompromiseCheck check_compromise(const KeyRecord& record, const std::string& iss, std::int64_t iat,
                                 const Trust* trust);

}  // namespace pawl::ledger
