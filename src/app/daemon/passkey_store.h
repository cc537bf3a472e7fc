// Where the passkeys are that people registered: an account's beside its password, those of people
// of an OpenID provider in DATA/accounts/provider_people.json.
//
// Purpose:    one place that knows both, so that a key has one person: each file is read anew, a
//             change is durable before it returns.
// Threading:  any thread.
// Ownership:  the files and the accounts outlive it.
// Errors:     those of the files (either of them: fail closed); add(): kForbidden (the account is
//             gone), kConflict (the credential or the key is known, whoever has it), kOverloaded;
//             remove(): kNotFound, kConflict (without it the account could not sign in).
// Not errors: no file: nobody. Two people of one name.
// Source:     docs/formats/accounts.md.
#pragma once

#include <string>
#include <vector>

#include "app/api/sign_ins.h"
#include "app/daemon/account_store.h"
#include "operators/sign_in/provider_people.h"

namespace pawl {

class PasskeyStore {
 public:
  PasskeyStore(Files& files, const DataFolder& folder, AccountStore& accounts)
      : files_(files), folder_(folder.accounts()), accounts_(accounts) {}

  Result<std::vector<AccountPasskey>> all() const;
  Status add(const sign_in::Person& person, const sign_in::Passkey& passkey);
  Status remove(const sign_in::Person& person, const std::string& kid);
  // What the provider calls this person now. Nothing is written where nothing changes.
  Status rename(const sign_in::Person& person);

 private:
  using Change = std::function<Status(sign_in::ProviderPeople&)>;

  std::string file() const { return folder_ + "/provider_people.json"; }
  Result<sign_in::ProviderPeople> people() const;
  Status change_people(const Change& change);

  Files& files_;
  const std::string folder_;
  AccountStore& accounts_;
};

}  // namespace pawl
