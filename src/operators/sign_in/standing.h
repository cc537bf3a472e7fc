// What the sessions of a person rest on: the account as it was when they began.
//
// Purpose:    says whether a session goes on after its account was changed, and what was changed.
// Threading:  plain values, pure functions.
// Privacy:    digests and names; no hash of a password, no secret of codes. What is digested has at
//             least 128 random bits, so a digest gives nothing to try out.
// Not errors: what a sign-in uses up (a code's step, a passkey's counter), a passkey or a grant
//             that came: the session goes on.
// Source:     docs/operations/sign-in.md; docs/formats/records.md, identity.enrolled.
//
// Example:    const Standing before = standing_of(account);
//             if (!goes_on(person, before, list.find(person.name))) { its sessions end }
#pragma once

#include <string>
#include <vector>

#include "operators/sign_in/account.h"
#include "operators/sign_in/session.h"

namespace pawl::sign_in {

Standing standing_of(const Account& account);

// Whether who signed in on `before`, with these grants, may stay. `now`: nullptr, the account is
// gone. No: another password, another second factor or one less, a grant that does not hold now.
bool goes_on(const std::vector<Grant>& grants, const Standing& before, const Account* now);

// Of "code", "grants", "passkeys" and "password", in this order, what differs; empty: nothing.
std::vector<std::string> differences(const Account& before, const Account& now);

}  // namespace pawl::sign_in
