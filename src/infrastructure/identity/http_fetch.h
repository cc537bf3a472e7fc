// Key sets over HTTP: the Fetch of jwks_source.h on the client pool.
//
// Threading:  the returned function may be called from any thread; it answers on the loop's thread.
// Ownership:  loop and pool outlive every source that uses it.
// Errors:     kUpstreamFailed for any status but 200; kTooLarge over kMaxJwksBytes; the client's.
#pragma once

#include "infrastructure/http/client.h"
#include "infrastructure/identity/jwks_source.h"

namespace pawl::identity {

Fetch http_fetch(EventLoop& loop, http::ClientPool& pool);

}  // namespace pawl::identity
