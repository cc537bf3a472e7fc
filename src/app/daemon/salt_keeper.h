// Salts for the digests of records, from the vault's key of the month.
//
// Purpose:    each record's digests have salts of their own, and one key is all that has to be
// kept;
//             it is the key that the bodies of that month are kept with (retention body/YYYY-MM),
//             so that one erasure ends both.
// Threading:  the I/O thread, which waits for the disk once a month and after an erasure.
// Ownership:  the parts outlive it.
// Errors:     of vault::Vault.
// Not errors: a month that begins when no key can be made: the key of before goes on, and that is
//             logged.
// Source:     docs/formats/salted_digests.md.
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "foundation/vault/vault_store.h"
#include "gateway/digest_salts.h"

namespace pawl {

class SaltKeeper final : public DigestSalts {
 public:
  SaltKeeper(Files& files, Random& random, std::string data)
      : random_(random), vault_(files, std::move(data)) {}
  ~SaltKeeper() override { forget_key(); }

  Result<std::string> key_for(WallTime now) override;
  Result<std::string> salt(const std::string& key, const Uuid& record,
                           std::string_view of) override;
  // An erasure was ordered: the key in use may be of no use.
  void forget_key();

 private:
  Status renew(WallTime now);

  Random& random_;
  vault::Vault vault_;
  std::optional<vault::KeyFile> key_;
  std::int64_t looked_at_hour_ = -1;  // of the clock: months begin with an hour
  std::string reason_;                // of the last failure; empty: the last one was none
};

}  // namespace pawl
