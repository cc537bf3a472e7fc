// The vault over the control listener: POST /api/v1/vault/erase with {"name": ...}.
//
// Threading:  the I/O thread. The answer comes when the key is destroyed.
// Errors:     RFC 9457 problems, of VaultDesk.
// Source:     docs/formats/vault.md.
#pragma once

#include <memory>

#include "app/api/control_api.h"
#include "app/daemon/vault_desk.h"

namespace pawl {

// `vault` outlives what it returns. Who asks has shown the listener's token.
ApiDesk vault_api(VaultDesk& vault);

}  // namespace pawl
