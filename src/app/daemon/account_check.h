// Whether somebody is who an account says: the slow part of a sign-in, and the durable one.
//
// Threading:  any thread but one that serves: it takes most of a second (password_hash.h).
// Errors:     kUnauthenticated for every cause that lies with who asks, and the store's.
// Not errors: a name that nobody has takes the same time.
#pragma once

#include "app/api/sign_ins.h"
#include "app/daemon/account_store.h"

namespace pawl {

// The code's step, or the passkey's counter, is used up and durable when it returns.
Result<sign_in::Person> check_account(AccountStore& accounts, const SignIns::Shown& shown,
                                      const sign_in::RelyingParty& party, std::int64_t now_s);

}  // namespace pawl
