// How the readers of tokens refuse: a machine reason in front of the message.
//
// Threading:  pure functions.
// Internal to the readers: src/foundation/ect, src/foundation/acp.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace pawl::jose {

[[gnu::cold]] inline tl::unexpected<Error> refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

// Puts the reason in front of another module's message. Only a proven fault is kTokenInvalid.
[[gnu::cold]] inline tl::unexpected<Error> refuse(std::string_view reason, const Error& error) {
  if (error.code == Code::kUndecidable || error.code == Code::kInternal) {
    return fail(Code::kUndecidable, "undecidable: " + error.message);
  }
  return refuse(std::string(reason) + ": " + error.message);
}

}  // namespace pawl::jose
