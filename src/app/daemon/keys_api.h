// The record keys over the control listener: GET /api/v1/keys, POST .../rotate, .../retire with
// {"kid": ...}, .../prepare.
//
// Threading:  the I/O thread. The answer comes when the change is durable.
// Errors:     RFC 9457 problems, of RecordKeys.
// Source:     docs/formats/key_records.md.
#pragma once

#include <memory>

#include "app/api/control_api.h"
#include "app/daemon/record_keys.h"

namespace pawl {

// `keys` outlives what it returns. Who asks has shown the listener's token.
ApiDesk keys_api(RecordKeys& keys);

}  // namespace pawl
