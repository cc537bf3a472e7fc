// The arguments of held calls in the vault: object held/APPROVAL, and
// held/APPROVAL.DIGEST for those that a person put in their place, each with a key of its own.
//
// Threading:  the I/O thread, which waits for the disk.
// Ownership:  files and random outlive it.
// Errors:     of the vault.
// Not errors: what cannot be erased now: it is logged, and the next start erases it.
// Source:     docs/formats/vault.md.
#pragma once

#include <string>

#include "base/random.h"
#include "foundation/vault/vault_store.h"
#include "gateway/held_arguments.h"

namespace pawl {

class HeldVault final : public HeldArguments {
 public:
  HeldVault(Files& files, Random& random, std::string data)
      : random_(random), vault_(files, std::move(data)) {}

  Status keep(const Uuid& approval, std::string_view params, WallTime now) override;
  Result<std::string> read(const Uuid& approval) override;
  Status keep_changed(const Uuid& approval, std::string_view digest, std::string_view params,
                      WallTime now) override;
  Result<std::string> read_changed(const Uuid& approval, std::string_view digest) override;
  void erase(const Uuid& approval) override;
  void keep_only(const std::set<Uuid>& approvals) override;

 private:
  void drop(const std::string& name);
  Result<std::vector<std::string>> changed(const Uuid& approval);  // names

  Random& random_;
  vault::Vault vault_;
};

}  // namespace pawl
