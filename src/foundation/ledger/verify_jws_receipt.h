// Offline verification of a record with its receipt in JWS form (docs/formats/jws_receipt.md).
//
// Threading:  pure.
// Verdicts:   as verify.h has them. The tlog-proof inside must prove the record by itself; what the
//             receipt says beside it must be the same, and signed by a token key that is trusted.
#pragma once

#include <optional>
#include <string_view>

#include "foundation/ledger/verify.h"

namespace pawl::ledger {

Report verify_jws_receipt(std::string_view token, std::string_view receipt,
                          const std::optional<Trust>& trust);

}  // namespace pawl::ledger
