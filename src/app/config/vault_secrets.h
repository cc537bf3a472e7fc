// Secrets that a configuration takes from the vault of its data folder, while it is being read.
//
// Threading:  one thread.
// Ownership:  Files outlives it.
// Errors:     of vault::Vault::get: never put, erased, lost, a wrong key; kInvalidParams: a bad
// name;
//             kMalformed: an empty secret, which would let a call go out without its credential.
// Privacy:    what is found goes to the configuration and nowhere else.
//
// Example:
//   VaultSecrets vault(files, "./pawl-data");
//   Result<std::string> token = vault.get("search-token", "servers.search.headers");
#pragma once

#include <map>
#include <string>

#include "base/files.h"
#include "base/result.h"

namespace pawl {

class VaultSecrets {
 public:
  VaultSecrets(Files& files, std::string data) : files_(files), data_(std::move(data)) {}

  // The secret NAME, for the member of the configuration that is named.
  Result<std::string> get(const std::string& name, const std::string& member);
  // Of what was asked for: name -> the first member.
  const std::map<std::string, std::string>& used() const { return used_; }

 private:
  Files& files_;
  std::string data_;
  std::map<std::string, std::string> used_;
};

// The name of an object of the vault: "search-token" -> "secret/search-token"; one with an area
// stays.
std::string secret_object(const std::string& name);
// The reverse; the name itself where it is none of a secret.
std::string secret_name(const std::string& object);

}  // namespace pawl
