// `pawl verify EVIDENCE`: whether a file proves that a log shows two histories.
//
// Threading:  pure.
// Verdicts:   kBad: it does; kUnknown: it does not, or the log's key is not at hand. Never kGood:
//             that a log is in order cannot be shown by a file about something else.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "foundation/ledger/verify.h"

namespace pawl {

// The trust root that the verifier brought for a log; nullopt: none.
using FindTrust =
    std::function<Result<std::optional<ledger::Trust>>(const Result<std::string>& origin)>;

ledger::Report verify_equivocation(std::string_view text, const FindTrust& find_trust);

}  // namespace pawl
