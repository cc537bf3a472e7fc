// Signs people in: accounts of this instance, and an OpenID provider.
//
// Purpose:    the SignIns of app/api. Passwords are looked at on a thread of their own; what a
//             sign-in uses up (a code's step, a passkey's counter) is durable before it counts, and
//             `operator.signed_in` before there is a session; whose account is changed is signed in
//             no more (account_watch.h).
// Threading:  the I/O thread, and the worker's, which has no part of a connection.
// Ownership:  the parts outlive it.
// Errors:     as SignIns says.
// Not errors: an attempt that failed: it is logged without the name, and counted.
// Source:     docs/operations/sign-in.md, docs/formats/accounts.md.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/api/sign_ins.h"
#include "app/config/config.h"
#include "app/daemon/account_store.h"
#include "app/daemon/account_watch.h"
#include "app/daemon/oidc_client.h"
#include "app/daemon/passkey_store.h"
#include "app/daemon/slow_worker.h"
#include "gateway/recorder.h"
#include "infrastructure/net/event_loop.h"
#include "operators/sign_in/attempts.h"
#include "operators/sign_in/challenges.h"

namespace pawl {

class SignInDesk final : public SignIns {
 public:
  static constexpr std::size_t kMostOpen = 64;      // attempts under way
  static constexpr std::size_t kMostOpenOfOne = 8;  // of one name
  struct Parts {
    const Config& config;
    Files& files;
    Clock& clock;        // for idleness
    Clock& latest_time;  // for expiries
    Random& random;
    EventLoop& loop;
    http::ClientPool& pool;
    const DataFolder& folder;
    Recorder& recorder;
    std::function<std::uint16_t()> control_port;
    // Who is enrolled, as the ledger last said (RecordedState::enrolled).
    const std::map<std::string, std::string>& enrolled;
  };
  // Null: `sign_in` is not configured. kInvalidParams: a provider that cannot be used.
  static Result<std::unique_ptr<SignInDesk>> make(Parts parts);

  const SessionGuard& guard() const override { return guard_; }
  void local(Shown shown, Opened done) override;
  Result<Begun> begin_oidc() override;
  void finish_oidc(const sign_in::Fields& answer, const std::string& binding, Opened done) override;
  Digest make_challenge() override { return challenges_.make(parts_.clock.boot()); }
  bool take_challenge(const Digest& challenge) override {
    return challenges_.take(challenge, parts_.clock.boot());
  }
  void add_passkey(const sign_in::Session& by, const sign_in::Passkey& passkey, Done done) override;
  void remove_passkey(const sign_in::Session& by, const std::string& kid, Done done) override;
  void passkeys(Listed done) override;
  std::vector<sign_in::Session> open_sessions() override;
  Status end_session(const sign_in::Session& by, Uuid id) override;
  // About once a second: what became of the accounts.
  void tick();

 private:
  struct Attempt {
    Shown shown;
    Opened done;
    Timer wait;
    std::int64_t arrived_s = 0;  // a code is good or not when it came, not when its delay is over
  };
  explicit SignInDesk(Parts parts);
  std::string address() const;
  void look_at(std::uint64_t number);
  void looked_at(std::uint64_t number, Result<sign_in::Person> person);
  void open_recorded(const sign_in::Person& person, Opened done);
  void record(const sign_in::Session& by, json::Object body, Done done);
  void change_recorded(const sign_in::Session& by, json::Object body,
                       const std::function<Status()>& change, Done done);
  void forget_passkey(const Uuid& session, const std::string& kid);
  void keep_name(const sign_in::Person& person);

  Parts parts_;
  AccountStore accounts_;
  PasskeyStore passkeys_;
  sign_in::Sessions sessions_;
  AccountWatch watch_;
  sign_in::Attempts attempts_;
  sign_in::Challenges challenges_;
  SessionGuard guard_;
  std::unique_ptr<OidcClient> oidc_;  // null: no provider
  std::map<std::uint64_t, Attempt> open_;
  std::map<std::uint64_t, Done> changes_;  // of accounts, under way
  std::map<std::uint64_t, Listed> looks_;  // at the accounts' file, under way
  std::uint64_t next_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::function<void(std::function<void()>)> back_;  // to the I/O thread
  SlowWorker reader_;                                // of the file: it waits for no password
  SlowWorker worker_;                                // last: it ends first
};

}  // namespace pawl
