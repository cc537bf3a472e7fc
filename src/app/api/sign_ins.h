// What the API of sessions asks of the daemon.
//
// Purpose:    keeps HTTP (session_api.h) apart from files, threads and the provider.
// Threading:  the I/O thread; answers come on it, at once or later.
// Errors:     local(), finish_oidc(): kUnauthenticated, with one text for every cause; kForbidden
//             (known, and may do nothing here), kOverloaded, kEvidenceUnavailable (not recorded, so
//             not signed in), kUpstreamFailed (the provider), kUnsupported (not configured).
// Not errors: an attempt that waits: failures delay (operators/sign_in/attempts.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/api/session_guard.h"
#include "operators/sign_in/account.h"
#include "operators/sign_in/form_fields.h"

namespace pawl {

// A passkey, and whose it is.
struct AccountPasskey {
  std::string account;  // the name: of an account, or what the provider calls them
  std::optional<sign_in::ProviderIdentity> provider;  // nullopt: an account of this instance
  sign_in::Passkey passkey;

  bool is_of(const sign_in::Person& person) const {
    return sign_in::is_same(provider, account, person.provider, person.name);
  }
};

// Who registered the key of this thumbprint; nullptr: nobody.
const AccountPasskey* owner_of(const std::vector<AccountPasskey>& all, std::string_view kid);

class SignIns {
 public:
  using Opened = std::function<void(Result<sign_in::Sessions::Opened>)>;
  using Done = std::function<void(Status)>;
  struct Shown {
    std::string user, password;
    sign_in::SecondFactor second;
  };
  struct Begun {
    std::string url;      // of the provider: where the browser goes
    std::string binding;  // for its cookie
  };

  virtual ~SignIns() = default;
  virtual const SessionGuard& guard() const = 0;
  virtual void local(Shown shown, Opened done) = 0;
  virtual Result<Begun> begin_oidc() = 0;
  virtual void finish_oidc(const sign_in::Fields& answer, const std::string& binding,
                           Opened done) = 0;
  // For a passkey to sign; take_challenge() is true once for each.
  virtual Digest make_challenge() = 0;
  virtual bool take_challenge(const Digest& challenge) = 0;
  // Of the person of `by`. Recorded first. kForbidden (the account is gone), kConflict,
  // kOverloaded.
  virtual void add_passkey(const sign_in::Session& by, const sign_in::Passkey& passkey,
                           Done done) = 0;
  // One of their own, by its key's thumbprint. Recorded first. kNotFound, kConflict.
  virtual void remove_passkey(const sign_in::Session& by, const std::string& kid, Done done) = 0;
  // Of everybody, as the files say now. kIo, kMalformed, kOverloaded.
  using Listed = std::function<void(Result<std::vector<AccountPasskey>>)>;
  virtual void passkeys(Listed done) = 0;
  virtual std::vector<sign_in::Session> open_sessions() = 0;
  // At once, and recorded afterwards. kNotFound.
  virtual Status end_session(const sign_in::Session& by, Uuid id) = 0;
};

}  // namespace pawl
