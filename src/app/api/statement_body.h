// The body of a request that brings what a person signed: {"statement": TOKEN} and nothing else.
// Threading: pure function. Errors: kMalformed (no JSON), kInvalidParams (another body),
// kTooLarge (a longer token than `most`).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

Result<std::string> statement_in(std::string_view body, std::size_t most);

}  // namespace pawl
