// Offline verification of a signed statement with a COSE receipt (docs/formats/cose_receipt.md).
//
// Threading:  pure function.
// Verdicts:   as verify.h: good when the statement's signature, the record in it, and a receipt of
//             the trusted log all hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "foundation/ledger/verify.h"

namespace pawl::ledger {

Report verify_statement(std::string_view bytes, const std::optional<Trust>& trust);
// The log of its first receipt, to find what was pinned for it. Nothing is verified.
Result<std::string> statement_origin(std::string_view bytes);

}  // namespace pawl::ledger
