// The last words of a shim that cannot serve its client, in the client's own protocol.
//
// Purpose:    a client shows the error of its first request to its user; the standard error of what
//             it started it often hides.
// Threading:  the main thread.
// Ownership:  none: the descriptors stay open.
// Not errors: a client that asks nothing within a second, or is a terminal: nothing is written.
#pragma once

#include "base/result.h"

namespace pawl {

// Answers the first request that `in` brings with a JSON-RPC error on `out`.
void refuse_client(int in, int out, const Error& error);

}  // namespace pawl
