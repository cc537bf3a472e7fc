#include "foundation/vault/salt.h"

#include "foundation/crypto/sha256.h"
#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault_store.h"

namespace pawl::vault {
namespace {

constexpr std::string_view kPurpose = "pawl.vault/1 salt";  // one key for one purpose

}  // namespace

std::string salt_of(const KeyFile& key, const Uuid& record, std::string_view of) {
  std::string said(kPurpose);
  said.append("\n").append(record.text()).append("\n").append(of).append("\n");
  return std::string(view(hmac_sha256(key.key, said)));
}

Result<std::string> Vault::salt_now(const std::string& key_id, const Uuid& record,
                                    std::string_view of) {
  const std::string name = "the salt \"" + std::string(of) + "\" of record " + record.text();
  const Result<std::optional<Erasure>> erasure = erasure_of(key_id);
  if (!erasure || *erasure) {
    return fail(erasure ? erased(name, **erasure) : erasure.error());
  }
  Result<KeyFile> key = read_key(key_id);
  if (!key) {
    return fail_at("vault: " + name, key.error());
  }
  const WipedAtEnd wiped(key->key);
  return salt_of(*key, record, of);
}

Result<std::string> Vault::salt(const std::string& key_id, const Uuid& record,
                                std::string_view of) {
  if (!is_key_id(key_id)) {
    return fail(Code::kMalformed, "vault: \"" + key_id + "\" is no id of a key");
  }
  Result<std::string> out = salt_now(key_id, record, of);
  if (out || out.error().code == Code::kNotFound) {
    return out;
  }
  // Somebody may be erasing it: the order came after the first look, and the key went before the
  // second.
  const Result<std::unique_ptr<FileLock>> lock = files_->lock(lock_path(), "reading a salt");
  return lock ? salt_now(key_id, record, of) : out;
}

}  // namespace pawl::vault
