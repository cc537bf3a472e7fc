#include "app/daemon/passkey_store.h"

#include <algorithm>

#include "app/daemon/people_files.h"

namespace pawl {
namespace {

using sign_in::Account;
using sign_in::AccountList;
using sign_in::Passkey;
using sign_in::Person;
using sign_in::ProviderPeople;
using sign_in::ProviderPerson;

bool is_one_of(const std::vector<Passkey>& passkeys, const Passkey& passkey) {
  return std::any_of(passkeys.begin(), passkeys.end(), [&](const Passkey& known) {
    return known.credential == passkey.credential ||
           known.key.thumbprint() == passkey.key.thumbprint();
  });
}

// Of accounts or of people of a provider.
template <class Owners>
Status check_unknown(const Owners& owners, const Passkey& passkey) {
  const bool known = std::any_of(owners.begin(), owners.end(), [&](const auto& owner) {
    return is_one_of(owner.passkeys, passkey);
  });
  return known ? Status(fail(Code::kConflict, "this passkey is known already")) : Status();
}

Status add_to_account(AccountList& list, const std::string& name, const Passkey& passkey) {
  Account* account = list.find(name);
  if (account == nullptr) {
    return fail(Code::kForbidden, "the account is gone");
  }
  if (account->passkeys.size() >= Account::kMostPasskeys) {
    return fail(Code::kOverloaded, "an account has at most 8 passkeys");
  }
  account->passkeys.push_back(passkey);
  return {};
}

Status remove_from_account(AccountList& list, const std::string& name, const std::string& kid) {
  Account* account = list.find(name);
  if (account == nullptr) {
    return fail(Code::kForbidden, "the account is gone");
  }
  if (std::erase_if(account->passkeys,
                    [&](const Passkey& one) { return one.key.thumbprint() == kid; }) == 0) {
    return fail(Code::kNotFound, "you have no such passkey");
  }
  return account->passkeys.empty() && !account->totp
             ? Status(fail(Code::kConflict, "without it you could not sign in any more"))
             : Status();
}

}  // namespace

Result<ProviderPeople> PasskeyStore::people() const {
  if (!files_.exists(file())) {
    return ProviderPeople{};
  }
  const Result<std::string> text = read_closed(files_, folder_, file());
  if (!text) {
    return fail(text.error());
  }
  Result<ProviderPeople> people = ProviderPeople::parse(*text);
  return people ? std::move(people) : fail_at(file(), people.error());
}

Status PasskeyStore::change_people(const Change& change) {
  const Result<std::unique_ptr<FileLock>> lock = lock_people(files_, folder_);
  if (!lock) {
    return fail(lock.error());
  }
  Result<ProviderPeople> list = people();
  if (!list) {
    return fail(list.error());
  }
  const Status changed = change(*list);
  return changed ? write_file(files_, file(), list->print()) : changed;
}

Result<std::vector<AccountPasskey>> PasskeyStore::all() const {
  const Result<AccountList> list = accounts_.read();
  const Result<ProviderPeople> others = people();
  if (!list || !others) {
    return fail(!list ? list.error() : others.error());
  }
  std::vector<AccountPasskey> out;
  for (const Account& account : list->accounts) {
    for (const Passkey& passkey : account.passkeys) {
      out.push_back({account.name, {}, passkey});
    }
  }
  for (const ProviderPerson& person : others->people) {
    for (const Passkey& passkey : person.passkeys) {
      out.push_back({person.name, person.identity, passkey});
    }
  }
  return out;
}

// The lock covers both files, so that the one which only is read stands still, too.
Status PasskeyStore::add(const Person& person, const Passkey& passkey) {
  if (person.provider) {
    return change_people([&](ProviderPeople& list) -> Status {
      const Result<AccountList> accounts = accounts_.read();
      const Status is_new =
          accounts ? check_unknown(accounts->accounts, passkey) : Status(fail(accounts.error()));
      return is_new ? list.add(*person.provider, person.name, passkey) : is_new;
    });
  }
  return accounts_.change([&](AccountList& list) -> Status {
    const Result<ProviderPeople> others = people();
    Status is_new = others ? check_unknown(others->people, passkey) : Status(fail(others.error()));
    is_new = is_new ? check_unknown(list.accounts, passkey) : is_new;
    return is_new ? add_to_account(list, person.name, passkey) : is_new;
  });
}

Status PasskeyStore::remove(const Person& person, const std::string& kid) {
  if (person.provider) {
    return change_people([&](ProviderPeople& list) { return list.remove(*person.provider, kid); });
  }
  return accounts_.change(
      [&](AccountList& list) { return remove_from_account(list, person.name, kid); });
}

Status PasskeyStore::rename(const Person& person) {
  Result<ProviderPeople> list = people();
  if (!list || !person.provider) {
    return list ? Status() : Status(fail(list.error()));
  }
  if (!list->rename(*person.provider, person.name)) {
    return {};
  }
  return change_people([&](ProviderPeople& now) -> Status {
    (void)now.rename(*person.provider, person.name);
    return {};
  });
}

}  // namespace pawl
