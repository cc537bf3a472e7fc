// What people who sign in at an OpenID provider registered here: their passkeys, for decisions.
//
// Purpose:    the value behind DATA/accounts/provider_people.json, and its text. Whose a passkey is
//             says the provider's issuer and its subject, byte for byte; the name is for show.
// Threading:  plain values, pure functions.
// Errors:     parse: kMalformed with the JSON Pointer; add: kOverloaded (the person has kMost
//             passkeys, or too many people have some), kConflict (known already), kInvalidParams
//             (an identity that could not be read again); remove: kNotFound.
// Not errors: two people of one name. Somebody who cannot sign in any more: the provider says that,
//             and not this list.
// Rule:       it opens nothing: these passkeys sign decisions, and nobody in.
// Source:     docs/formats/accounts.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "operators/sign_in/session.h"
#include "operators/sign_in/webauthn.h"

namespace pawl::sign_in {

struct ProviderPerson {
  static constexpr std::size_t kMostPasskeys = 8;

  ProviderIdentity identity;
  std::string name;               // when they registered or signed in last
  std::vector<Passkey> passkeys;  // 1 to kMostPasskeys
};

struct ProviderPeople {
  static constexpr std::size_t kMost = 1024;

  std::vector<ProviderPerson> people;  // no identity, credential or key twice

  static Result<ProviderPeople> parse(std::string_view text);
  std::string print() const;  // parse(print()) gives the same
  const ProviderPerson* find(const ProviderIdentity& identity) const;

  Status add(const ProviderIdentity& identity, const std::string& name, const Passkey& passkey);
  // With the last one the person goes, too.
  Status remove(const ProviderIdentity& identity, std::string_view kid);
  // False: nothing is to be written.
  bool rename(const ProviderIdentity& identity, const std::string& name);
};

}  // namespace pawl::sign_in
