#include "app/daemon/control_desks.h"

#include "app/daemon/approvals_api.h"
#include "app/daemon/keys_api.h"
#include "app/daemon/operators_api.h"
#include "app/daemon/vault_api.h"

namespace pawl {

std::map<std::string, ApiDesk> control_desks(Governance& governance, VaultDesk& vault) {
  return {{"/api/v1/keys", keys_api(governance.record_keys())},
          {"/api/v1/vault", vault_api(vault)},
          {"/api/v1/approvals", approvals_api(governance.approvals())},
          {"/api/v1/operators", operators_api(governance.enrollment())}};
}

}  // namespace pawl
