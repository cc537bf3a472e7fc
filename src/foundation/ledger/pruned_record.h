// The record `ledger.pruned` (docs/formats/records.md): what it says of a pruning.
//
// Purpose:    the signed statement behind a minimum index. Who finds entries missing believes it
//             alone, not the file `minimum`.
// Threading:  pure functions. Errors: kBadSignature: the token is no such record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "foundation/ledger/minimum.h"

namespace pawl::ledger {

struct PrunedRecord {
  Uuid id;
  std::int64_t at_s = 0;
  std::uint64_t minimum = 0;
  std::string kept_hash;
};

// Its signature is not looked at.
Result<PrunedRecord> read_pruned_record(std::string_view token);
// kBadSignature unless the token at `minimum.record_index` states this pruning.
Result<PrunedRecord> check_pruned(std::string_view token, const Pruned& pruned);

}  // namespace pawl::ledger
