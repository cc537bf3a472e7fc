// Where the listeners may listen: off loopback only with TLS and an identity, unless told
// explicitly.
// Threading: pure. Errors: kUnsupported, kForbidden, with what to change.
#pragma once

#include "app/config/config.h"

namespace pawl {

// `development`: `serve --dev`, which waives authentication.
Status check_exposure(const Config& config, bool development);

}  // namespace pawl
