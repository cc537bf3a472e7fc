#include "app/daemon/account_check.h"

#include "foundation/crypto/password_hash.h"
#include "operators/sign_in/standing.h"

namespace pawl {
namespace {

tl::unexpected<Error> refuse() {
  return fail(Code::kUnauthenticated, "the name, the password or the second factor is wrong");
}

// What is compared where there is no such account.
const Result<std::string>& nobodys_hash() {
  static const Result<std::string> kHash = hash_password("nobody has this password");
  return kHash;
}

}  // namespace

Result<sign_in::Person> check_account(AccountStore& accounts, const SignIns::Shown& shown,
                                      const sign_in::RelyingParty& party, std::int64_t now_s) {
  const Result<sign_in::AccountList> list = accounts.read();
  const Result<std::string>& nobody = nobodys_hash();
  if (!list || !nobody) {
    return fail((!list ? list.error() : nobody.error()));
  }
  const sign_in::Account* known = list->find(shown.user);
  const Result<bool> is_good =
      check_password(known != nullptr ? known->password_hash : *nobody, shown.password);
  if (!is_good) {
    return fail(is_good.error());
  }
  if (known == nullptr || !*is_good) {
    return refuse();
  }
  sign_in::Person out{known->name, known->grants,
                      shown.second.assertion ? "password+passkey" : "password+totp"};
  // Anew, under the lock: somebody else may have used it up meanwhile.
  const Status used = accounts.change([&](sign_in::AccountList& now) -> Status {
    sign_in::Account* account = now.find(shown.user);
    if (account == nullptr || account->password_hash != known->password_hash) {
      return refuse();
    }
    Result<sign_in::Account> after =
        sign_in::check_second_factor(*account, shown.second, party, now_s);
    if (!after) {
      return refuse();
    }
    *account = *std::move(after);
    out.grants = account->grants;
    out.account = sign_in::standing_of(*account);
    return {};
  });
  return used ? Result<sign_in::Person>(std::move(out)) : fail(used.error());
}

}  // namespace pawl
