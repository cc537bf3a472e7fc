// Records of approvals and of operators in words, for `pawl ledger show|query` and `pawl why`.
//
// Threading:  pure functions. Words of agents, servers and people are shown as data (shown_text.h).
// Not errors: another kind, or a body that says nothing of it: an empty text.
//
// Example:    "ada (approver) approved 1 use until 2026-11-27T09:30:00Z, signed with key TAMm..."
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "foundation/records/hold_terms.h"
#include "operators/approval/approval.h"

namespace pawl {

std::string decision_words(const approval::Signed& by);
std::string approval_words(std::string_view kind, const json::Value& body);

// "1 of approver, secops; up to 3 uses; then 1 of admin".
std::string terms_words(const HoldTerms& terms);

}  // namespace pawl
