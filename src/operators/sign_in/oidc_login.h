// Sign-in with an OpenID provider: code flow with PKCE, state and nonce.
//
// Purpose:    what is sent to the provider, and what is made of its answers. Who asks it, and keeps
//             its keys, is the shell.
// Threading:  plain values and pure functions; PendingLogins: one thread.
// Errors:     check_callback, token_of, read_id_token: kTokenInvalid with the reason, for the log
//             alone; kForbidden: known, and no rule of ours gives this person a role.
// Not errors: unknown claims, an ID token without `typ`.
// Rule:       the token says who it is; what they may do says our configuration, by claim and value
//             (RoleRule). Nothing of the token is a role by its own words.
// Source:     OpenID Connect Core 1.0, 3.1; RFC 6749, RFC 7636, RFC 9207, RFC 9700; the checks of
//             the token are those of infrastructure/identity (RFC 8725).
//
// Example:
//   const PendingLogins::Begun begun = logins.begin(now);
//   redirect_to(authorization_url(provider, begun), cookie(begun.binding));
//   ...                                                       the browser comes back
//   std::optional<Begun> known = logins.take(fields["state"], cookie, now);
//   if (!known || !check_callback(provider, fields)) { refuse }
//   post(provider.token_url, token_request(provider, fields["code"], known->verifier));
//   Result<Person> person = read_id_token(token, provider, keys, known->nonce, now);
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "infrastructure/identity/key_source.h"
#include "operators/sign_in/form_fields.h"
#include "operators/sign_in/session.h"

namespace pawl::sign_in {

// Who has `value` in `claim` (a text, or an array of texts) has the grant.
struct RoleRule {
  std::string claim, value;
  Grant grant;
};

struct Provider {
  std::string issuer;  // compared exactly with `iss`
  std::string authorization_url, token_url;
  std::string redirect_url;  // ours
  std::string client_id;
  std::string client_secret;  // empty: a public client
  std::vector<std::string> algorithms = {"ES256", "RS256"};
  std::vector<std::string> scopes = {"openid"};
  std::string name_claim = "sub";  // the person's name here: accounts.h, is_account_name
  bool must_name_itself = true;    // `iss` in the callback (RFC 9207)
  std::vector<RoleRule> roles;
};

// Logins that went to the provider and did not come back yet.
class PendingLogins {
 public:
  static constexpr std::chrono::minutes kGood{10};
  static constexpr std::size_t kMost = 256;  // the oldest goes

  struct Begun {
    std::string state, nonce, verifier;  // 43 characters of base64url each
    std::string binding;                 // of the browser: its cookie
    BootTime at;
  };
  explicit PendingLogins(Random& random) : random_(random) {}
  Begun begin(BootTime now);
  // Once, and only for the browser that began it.
  std::optional<Begun> take(std::string_view state, std::string_view binding, BootTime now);

 private:
  Random& random_;
  std::map<std::string, Begun, std::less<>> begun_;  // by state
};

std::string authorization_url(const Provider& provider, const PendingLogins::Begun& begun);
// The code.
Result<std::string> check_callback(const Provider& provider, const Fields& fields);

struct TokenRequest {
  std::string body;
  std::string authorization;  // a header's value; empty: none
};
TokenRequest token_request(const Provider& provider, const std::string& code,
                           const std::string& verifier);
// The ID token in the answer of the token endpoint.
Result<std::string> token_of(std::string_view answer);

// Whether the key that the token names is at hand. Also true of what is no token: a look at the
// keys would not mend it.
bool knows_key(const std::string& token, identity::KeySource& keys);

Result<Person> read_id_token(std::string token, const Provider& provider, identity::KeySource& keys,
                             std::string_view nonce, WallTime now);

}  // namespace pawl::sign_in
