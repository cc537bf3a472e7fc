// What of the daemon answers on the control listener, by the beginning of its paths.
//
// Threading:  the I/O thread. Ownership: the parts outlive what it returns.
#pragma once

#include <map>
#include <string>

#include "app/api/control_api.h"
#include "app/api/sign_ins.h"
#include "app/daemon/governance.h"
#include "app/daemon/record_lookup.h"
#include "app/daemon/vault_desk.h"

namespace pawl {

struct ControlDeskParts {
  const Config& config;
  Governance& governance;
  VaultDesk& vault;
  RecordLookupIndex& lookup;
  SignIns* sign_ins;  // null: nobody signs in
  std::string token;  // of the listener
};

// Of who has the token.
std::map<std::string, ApiDesk> control_desks(const ControlDeskParts& parts);
// Of people who sign in, too: these guard themselves. The desk of approvals knows from here on
// where people use passkeys.
std::map<std::string, ApiDesk> people_desks(const ControlDeskParts& parts);

}  // namespace pawl
