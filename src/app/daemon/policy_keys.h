// Keys of those whose policy tokens count, from files and URLs, kept fresh.
//
// Purpose:    the PolicyKeys of gateway/policy_tokens.h over the key sources that issuers of other
//             tokens have (trusted_tokens.h).
// Threading:  the I/O thread.
// Ownership:  files, clock, loop and pool outlive the result.
// Errors:     of the finder, kNotFound: nobody of this name, or no such key of it at hand.
// Rule:       a key is known by its RFC 7638 thumbprint, whatever its set calls it; a token's kid
// is
//             that.
#pragma once

#include "app/config/config.h"
#include "base/files.h"
#include "gateway/policy_tokens.h"
#include "infrastructure/http/client.h"

namespace pawl {

// Without issuers: empty, and each policy token is refused.
PolicyKeys policy_token_keys(const Config& config, Files& files, Clock& clock, EventLoop& loop,
                             http::ClientPool& pool);

}  // namespace pawl
