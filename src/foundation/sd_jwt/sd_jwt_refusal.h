// How this folder refuses: a reason of docs/formats/sd_jwt.md in front of the message.
// Internal to src/foundation/sd_jwt.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::sd_jwt {

inline tl::unexpected<Error> refuse(std::string_view reason, std::string_view what) {
  return fail(Code::kTokenInvalid, std::string(reason).append(": ").append(what));
}

}  // namespace pawl::sd_jwt
