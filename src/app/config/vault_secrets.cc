#include "app/config/vault_secrets.h"

#include "foundation/vault/vault_store.h"

namespace pawl {

std::string secret_object(const std::string& name) {
  return name.find('/') == std::string::npos ? std::string(vault::kSecretArea) + name : name;
}

std::string secret_name(const std::string& object) {
  return object.starts_with(vault::kSecretArea) ? object.substr(vault::kSecretArea.size()) : object;
}

Result<std::string> VaultSecrets::get(const std::string& name, const std::string& member) {
  const std::string object = secret_object(name);
  if (!object.starts_with(vault::kSecretArea)) {
    return fail(Code::kInvalidParams, "vault: \"" + name + "\" is no name of a secret");
  }
  used_.emplace(secret_name(object), member);
  Result<std::string> secret = vault::Vault(files_, data_).get(object);
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
