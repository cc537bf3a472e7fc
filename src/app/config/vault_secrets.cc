#include "app/config/vault_secrets.h"

#include "foundation/vault/vault_store.h"

namespace pawl {

std::string secret_object(const std::string& name) {
  return std::string(vault::kSecretArea) + name;
}

std::string secret_name(const std::string& object) {
  return object.starts_with(vault::kSecretArea) ? object.substr(vault::kSecretArea.size()) : object;
}

Result<std::string> VaultSecrets::get(const std::string& name, const std::string& member) {
  used_.emplace(name, member);
  Result<std::string> secret = vault::Vault(files_, data_).get(secret_object(name));
  if (secret && secret->empty()) {
    return fail(Code::kMalformed, "vault: " + name + " is empty");
  }
  if (!secret && secret.error().code == Code::kNotFound) {
    return fail(Code::kNotFound,
                secret.error().message + "; expected what `pawl vault put " + name + "` stores");
  }
  return secret;
}

}  // namespace pawl
