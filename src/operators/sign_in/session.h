// Who is signed in: sessions of people, in memory only.
//
// Purpose:    a token of 32 random bytes, given once, stands for a person until it is idle for too
//             long, too old, or ended. Of the token only the digest is kept.
// Threading:  one thread.
// Ownership:  the random source outlives it.
// Errors:     open(): kOverloaded, kMost are open.
// Not errors: a token that is not known, or whose session is over (nullptr); more than kMostOfOne
//             sessions of one person: the one that was not used for the longest time ends.
// Rule:       times are of the boot clock: a wall clock set back revives nothing. A restart signs
//             everybody out.
// Source:     docs/operations/sign-in.md.
//
// Example:    Result<Sessions::Opened> opened = sessions.open(person, id, now);
//             ...
//             const Session* session = sessions.find(token, now);  // valid until the next call
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/uuid.h"
#include "foundation/crypto/sha256.h"
#include "operators/sign_in/role_scope.h"

namespace pawl::sign_in {

// Who somebody is at an OpenID provider: exact texts, which the provider gives to one person for
// ever (OpenID Connect Core 1.0, section 2). A name or a mail address is none of that.
struct ProviderIdentity {
  static constexpr std::size_t kMaxIssuer = 2048, kMaxSubject = 255;

  std::string issuer, subject;

  friend bool operator==(const ProviderIdentity&, const ProviderIdentity&) = default;
};
bool is_subject(std::string_view text);  // 1 to 255 printable ASCII characters
bool is_identity(const ProviderIdentity& identity);

// What sessions rest on, of an account: digests (standing.h).
struct Standing {
  std::string password, code;                   // code: empty, there is none
  std::map<std::string, std::string> passkeys;  // the key, by credential
};

// How the person was recognized, for records: "password+totp", "password+passkey", "oidc".
struct Person {
  std::string name;
  std::vector<Grant> grants;
  std::string method;
  std::optional<ProviderIdentity> provider{};  // nullopt: an account of this instance
  std::optional<Standing> account{};           // nullopt: a person of a provider
};
// By their identity at a provider, else by the account's name: people of a provider have no name
// here that is theirs alone.
bool is_same(const std::optional<ProviderIdentity>& a, std::string_view a_name,
             const std::optional<ProviderIdentity>& b, std::string_view b_name);
inline bool is_same(const Person& a, const Person& b) {
  return is_same(a.provider, a.name, b.provider, b.name);
}

struct Session {
  Uuid id;  // for records and lists; opens nothing
  Person person;
  std::string csrf;  // 43 characters; to be sent back with each change
  BootTime began, used;
};

class Sessions {
 public:
  static constexpr std::chrono::minutes kIdle{15};
  static constexpr std::chrono::hours kLongest{8};
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostOfOne = 8;

  explicit Sessions(Random& random) : random_(random) {}

  struct Opened {
    std::string token;  // 43 characters of base64url
    Session session;
  };
  Result<Opened> open(Person person, const Uuid& id, BootTime now);
  // Counts as use. nullptr: nobody.
  const Session* find(std::string_view token, BootTime now);
  // False: there is none.
  bool close(const Uuid& id);
  // Of the account of this name; people of a provider are none.
  void close_of(std::string_view account);
  // Those of which `ends` is true, which may change the others. How many.
  std::size_t close_if(const std::function<bool(Session&)>& ends);
  // Without those that are over; in the order in which they began.
  std::vector<Session> list(BootTime now);
  std::size_t size() const { return sessions_.size(); }

 private:
  using Open = std::map<Digest, Session>;  // by the digest of the token

  void drop_ended(BootTime now);
  void drop_idlest_of(const Person& person);

  Random& random_;
  Open sessions_;
};

}  // namespace pawl::sign_in
