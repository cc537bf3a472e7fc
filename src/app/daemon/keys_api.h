// The record keys over the control listener: GET /api/v1/keys, POST .../rotate, .../retire with
// {"kid": ...}, .../prepare.
//
// Threading:  the I/O thread. The answer comes when the change is durable.
// Errors:     RFC 9457 problems, of RecordKeys.
// Source:     docs/formats/key_records.md.
#pragma once

#include <memory>

#include "app/daemon/record_keys.h"
#include "infrastructure/http/server.h"

namespace pawl {

// `keys` outlives what it returns. Who asks has shown the listener's token.
std::function<void(const http::Request&, const std::shared_ptr<http::ResponseWriter>&)> keys_api(
    RecordKeys& keys);

}  // namespace pawl
