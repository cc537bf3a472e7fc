// Keys of the vault that the ledger says were destroyed, and that are there.
//
// Purpose:    an older copy of DATA/vault and DATA/vault-keys, put back under a newer ledger,
// brings
//             back what was erased. The ledger's audit.erasure records say what must not be there.
// Threading:  one thread; reads files only, but for the index.
// Errors:     what the ledger's reader says: then nothing is known.
// Not errors: an index that cannot be used: the logs are read whole, which takes its time.
// Cost:       none without keys of which the vault knows no erasure. Else the index is brought up
//             to date, and those records are read that no person's erasure in the vault names.
// Source:     docs/formats/vault.md, "What the ledger says".
#pragma once

#include <vector>

#include "app/daemon/data_folder.h"
#include "base/files.h"
#include "base/result.h"
#include "foundation/vault/vault_store.h"

namespace pawl {

// By key, each once, with the id of the record; `ordered` is the time of that record.
Result<std::vector<vault::Erasure>> erased_but_there(Files& files, const DataFolder& folder,
                                                     vault::Vault& vault);

}  // namespace pawl
