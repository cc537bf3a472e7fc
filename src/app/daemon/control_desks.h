// What of the daemon answers on the control listener, by the beginning of its paths.
//
// Threading:  the I/O thread. Ownership: the parts outlive what it returns.
#pragma once

#include <map>
#include <string>

#include "app/api/control_api.h"
#include "app/daemon/governance.h"
#include "app/daemon/vault_desk.h"

namespace pawl {

std::map<std::string, ApiDesk> control_desks(Governance& governance, VaultDesk& vault);

}  // namespace pawl
