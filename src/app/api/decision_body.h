// The body of a request that brings a decision on a held call: {"statement": TOKEN}, and "params",
// the exact text that it approves in place of the call's, where a person changed the arguments.
//
// Threading:  pure function.
// Errors:     kMalformed (no JSON), kInvalidParams (another body), kTooLarge (a longer token).
// Source:     docs/formats/approval.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

struct DecisionBody {
  std::string statement;
  std::string params;  // empty: not said
};

inline constexpr std::size_t kMaxChangedParams = 1024 * 1024;

Result<DecisionBody> decision_in(std::string_view body, std::size_t most_statement);

}  // namespace pawl
