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
  std::optional<Standing> account{};  // of this instance; nullopt: of a provider
};

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
  void close_of(std::string_view person);
  // Those of which `ends` is true, which may change the others. How many.
  std::size_t close_if(const std::function<bool(Session&)>& ends);
  // Without those that are over; in the order in which they began.
  std::vector<Session> list(BootTime now);
  std::size_t size() const { return sessions_.size(); }

 private:
  using Open = std::map<Digest, Session>;  // by the digest of the token

  void drop_ended(BootTime now);
  void drop_idlest_of(std::string_view person);

  Random& random_;
  Open sessions_;
};

}  // namespace pawl::sign_in
