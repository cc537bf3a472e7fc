// Which URLs may say who is who: keys and tokens come from https, or from this machine.
//
// Threading:  pure function.
// Errors:     kInvalidParams, with `what` in front.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::identity {

// https, or http on a loopback address; a host, and no user info.
Status check_safe_url(std::string_view what, const std::string& url);

}  // namespace pawl::identity
