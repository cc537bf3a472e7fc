// What a ledger says of the vault: erasures that an older copy of the vault does not know.
#include "foundation/vault/vault_store.h"

namespace pawl::vault {

Result<std::vector<std::string>> Vault::keys_in_use() {
  const Result<std::vector<std::string>> ids = stems(keys(), ".key");
  if (!ids) {
    return ids;
  }
  std::vector<std::string> out;
  for (const std::string& id : *ids) {
    if (is_key_id(id) && !files_->exists(erasure_path(id))) {
      out.push_back(id);
    }
  }
  return out;
}

// As order_erasure(), but of a key that need not be looked for, and whatever its file holds.
Status Vault::order_again(const std::vector<Erasure>& erasures) {
  const Result<std::unique_ptr<FileLock>> lock = begin_change("erasing again");
  if (!lock) {
    return fail(lock.error());
  }
  for (Erasure erasure : erasures) {
    erasure.record.clear();
    const Status ordered =
        write_file(*files_, erasure_path(erasure.key_id), print_erasure(erasure));
    if (!ordered) {
      return fail_at("vault", ordered.error());
    }
  }
  return {};
}

}  // namespace pawl::vault
