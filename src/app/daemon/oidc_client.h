// Asks the OpenID provider: its keys, and the token for a code.
//
// Threading:  the I/O thread. Answers come on it, later than the call is left.
// Ownership:  what it is given outlives it. An answer that comes when it is gone is dropped.
// Errors:     finish(): kTokenInvalid, kForbidden (oidc_login.h), kUpstreamFailed.
// Not errors: a token signed with a key that the provider has made a moment ago: its keys are
//             looked at anew, and the token once more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/config/config.h"
#include "base/scheduler.h"
#include "infrastructure/http/client.h"
#include "infrastructure/identity/jwks_source.h"
#include "operators/sign_in/oidc_login.h"

namespace pawl {

class OidcClient {
 public:
  using Done = std::function<void(Result<sign_in::Person>)>;
  struct Parts {
    Clock& clock;
    Clock& latest_time;
    Random& random;
    EventLoop& loop;
    http::ClientPool& pool;
  };
  // `address`: ours, as browsers know it. kInvalidParams.
  static Result<std::unique_ptr<OidcClient>> make(const OidcConfig& config,
                                                  const std::string& address, Parts parts);

  sign_in::PendingLogins::Begun begin() { return pending_.begin(parts_.clock.boot()); }
  std::string url_of(const sign_in::PendingLogins::Begun& begun) const {
    return sign_in::authorization_url(provider_, begun);
  }
  void finish(const sign_in::Fields& answer, const std::string& binding, Done done);

 private:
  OidcClient(sign_in::Provider provider, std::shared_ptr<identity::UrlKeySource> keys, Parts parts)
      : parts_(parts),
        provider_(std::move(provider)),
        keys_(std::move(keys)),
        pending_(parts.random) {}
  void answered(const Result<http::Response>& response, const std::string& nonce, const Done& done);
  void read(const std::string& token, const std::string& nonce, int looks, const Done& done);

  Parts parts_;
  const sign_in::Provider provider_;
  const std::shared_ptr<identity::UrlKeySource> keys_;
  sign_in::PendingLogins pending_;
  std::map<std::uint64_t, Timer> waiting_;  // for keys
  std::uint64_t next_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// What is wrong with the member, if anything.
Status check_oidc(const OidcConfig& config);

}  // namespace pawl
