// Values of a configuration: addresses, names, paths, secrets from the environment or a file.
// Threading: one thread. Errors are reported at the member they belong to.
#pragma once

#include <string>

#include "app/config/config.h"
#include "app/config/vault_secrets.h"
#include "app/config/yaml_reader.h"

namespace pawl {

class Values {
 public:
  Values(std::string directory, const Environment& environment, Files& files)
      : directory_(std::move(directory)), environment_(environment), files_(files) {}

  // Where `vault:NAME` is looked up, from here on; null: it stands for kUnsetSecret.
  void use_vault(VaultSecrets* vault) { vault_ = vault; }

  // A path relative to the configuration's folder, made absolute; empty stays empty.
  std::string path(const std::string& text) const;
  // ${NAME} replaced; an unset variable is an error. ${vault:NAME} likewise.
  std::string expanded(YamlMap& at, const std::string& name, const std::string& text) const;
  // expanded, for what every user of the machine can read: no ${vault:NAME}.
  std::string argument(YamlMap& at, const std::string& name, const std::string& text) const;
  // expanded, or the content of file:PATH without its last line end, or of vault:NAME.
  std::string resolved(YamlMap& at, const std::string& name, const std::string& text) const;
  std::string secret(YamlMap& at, const std::string& name) const;

 private:
  std::string secret_of(YamlMap& at, const std::string& name, const std::string& vault_name) const;

  std::string directory_;
  const Environment& environment_;
  Files& files_;
  VaultSecrets* vault_ = nullptr;
};

bool is_address(const std::string& text);      // HOST:PORT, [V6]:PORT
bool is_server_name(const std::string& text);  // [a-z0-9-]{1,63}
bool is_domain(const std::string& text);       // SPIFFE trust domain characters

}  // namespace pawl
