// How policy tokens are refused: a machine reason in front of the message (docs/formats/acp.md).
//
// Threading:  pure functions.
// Internal to src/foundation/acp.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace pawl::acp {

[[gnu::cold]] inline tl::unexpected<Error> refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

// Only a proven fault is kTokenInvalid.
[[gnu::cold]] inline tl::unexpected<Error> refuse(std::string_view reason, const Error& error) {
  if (error.code == Code::kUndecidable || error.code == Code::kInternal) {
    return fail(Code::kUndecidable, "undecidable: " + error.message);
  }
  return refuse(std::string(reason) + ": " + error.message);
}

}  // namespace pawl::acp
