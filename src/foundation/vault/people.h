// The people of a vault, by name.
//
// Purpose:    the pseudonym of a name, made when the name is first seen; the name of a pseudonym,
// as
//             long as nobody erased it.
// Threading:  one thread.
// Ownership:  Files outlives it.
// Errors:     kTooLarge (kMaxPeople), and what the vault says: a name without a durable key has no
//             pseudonym.
// Not errors: a person whose object does not open (unusable()): the name is given a new pseudonym.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "foundation/vault/person.h"
#include "foundation/vault/vault_store.h"

namespace pawl::vault {

inline constexpr std::size_t kMaxPeople = 100'000;

class People {
 public:
  People(Files& files, std::string data) : vault_(files, std::move(data)) {}

  Status load();
  // Durable when it returns.
  Result<std::string> pseudonym(const std::string& name, WallTime now, Random& random);
  // Empty: nobody has that name, or pseudonym.
  std::string known_pseudonym(const std::string& name) const;
  std::string name_of(const std::string& pseudonym) const;
  // The erasure of `name` was ordered: who comes with that name again is somebody new.
  void forget(const std::string& name);

  std::size_t size() const { return pseudonyms_.size(); }
  const std::vector<Error>& unusable() const { return unusable_; }

 private:
  Vault vault_;
  std::map<std::string, std::string> pseudonyms_;  // by name
  std::map<std::string, std::string> names_;       // by pseudonym
  std::vector<Error> unusable_;
};

}  // namespace pawl::vault
