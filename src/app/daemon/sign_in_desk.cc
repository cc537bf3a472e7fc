#include "app/daemon/sign_in_desk.h"

#include <algorithm>

#include "app/daemon/account_check.h"
#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/crypto/wipe.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

using sign_in::Person;
using sign_in::Session;

LimitStat most_attempts("sign_ins");

constexpr std::string_view kOidcMethod = "oidc";
constexpr std::size_t kMaxTarget = 128;  // of a record

// Without the name: who is refused may be anybody.
void log_refused(std::string_view method, const Error& why) {
  log(LogLevel::kWarn, "sign_in_refused",
      {{"method", std::string(method)},
       {"code", std::string(code_name(why.code))},
       {"reason", why.message}});
}

// One text for every cause that lies with who asks.
Error told(const Error& why) {
  return why.code == Code::kTokenInvalid || why.code == Code::kUnauthenticated
             ? Error{Code::kUnauthenticated, "the sign-in failed"}
             : Error{why.code, why.code == Code::kForbidden
                                   ? "nobody gave you a role here"
                                   : "the sign-in failed on our side; see the log"};
}

}  // namespace

Result<std::unique_ptr<SignInDesk>> SignInDesk::make(Parts parts) {
  if (!parts.config.sign_in) {
    return nullptr;
  }
  std::unique_ptr<SignInDesk> out(new SignInDesk(parts));
  const SignInConfig& config = *parts.config.sign_in;
  if (config.oidc) {
    Result<std::unique_ptr<OidcClient>> oidc =
        OidcClient::make(*config.oidc, config.address,
                         {parts.clock, parts.latest_time, parts.random, parts.loop, parts.pool});
    if (!oidc) {
      return fail(oidc.error());
    }
    out->oidc_ = *std::move(oidc);
  }
  return out;
}

SignInDesk::SignInDesk(Parts parts)
    : parts_(std::move(parts)),
      accounts_(parts_.files, parts_.folder),
      passkeys_(parts_.files, parts_.folder, accounts_),
      sessions_(parts_.random),
      watch_({accounts_, sessions_, parts_.recorder, parts_.clock, parts_.enrolled}),
      challenges_(parts_.random),
      guard_(
          sessions_, parts_.clock, [this] { return address(); }, [this] { return watch_.look(); }),
      back_(parts_.loop.poster()) {}

std::string SignInDesk::address() const {
  const std::string& configured = parts_.config.sign_in->address;
  return configured.empty() ? "http://localhost:" + std::to_string(parts_.control_port())
                            : configured;
}

void SignInDesk::local(Shown shown, Opened done) {
  const auto of_one = std::count_if(open_.begin(), open_.end(), [&](const auto& one) {
    return one.second.shown.user == shown.user;
  });
  if (!parts_.config.sign_in->local) {
    return done(fail(Code::kUnsupported, "sign_in.local is false"));
  }
  if (open_.size() >= kMostOpen || static_cast<std::size_t>(of_one) >= kMostOpenOfOne) {
    most_attempts.reached();
    wipe(shown.password);
    return done(fail(Code::kOverloaded, "too many people sign in at once"));
  }
  const BootTime now = parts_.clock.boot();
  if (shown.second.assertion && !challenges_.take(shown.second.challenge, now)) {
    shown.second.assertion->signature.clear();  // refused as one that is wrong
  }
  const std::chrono::seconds wait = attempts_.delay(shown.user, now);
  const std::uint64_t number = next_++;
  Attempt& attempt = open_[number];
  attempt = {std::move(shown), std::move(done), {}, parts_.latest_time.wall().seconds()};
  if (wait.count() == 0) {
    look_at(number);
  } else {
    attempt.wait = parts_.loop.after(wait, [this, number] { look_at(number); });
  }
}

// The answer takes a number with it: no part of a connection may be on the worker's thread, or end
// there.
void SignInDesk::look_at(std::uint64_t number) {
  auto shown = std::make_shared<Shown>(open_.at(number).shown);
  wipe(open_.at(number).shown.password);
  const std::int64_t now_s = open_.at(number).arrived_s;
  const bool posted = worker_.post([this, number, shown, party = guard_.party(), now_s,
                                    back = back_, alive = std::weak_ptr<bool>(alive_)] {
    const WipedAtEnd wiped(shown->password);
    back([this, number, alive, person = check_account(accounts_, *shown, party, now_s)] {
      if (!alive.expired()) {
        looked_at(number, person);
      }
    });
  });
  if (!posted) {
    looked_at(number, fail(Code::kOverloaded, "too many people sign in at once"));
  }
}

void SignInDesk::looked_at(std::uint64_t number, Result<Person> person) {
  auto attempt = open_.extract(number);
  const std::string& name = attempt.mapped().shown.user;
  if (person) {
    attempts_.succeeded(name);
    return open_recorded(*person, std::move(attempt.mapped().done));
  }
  if (person.error().code == Code::kUnauthenticated) {
    attempts_.failed(name, parts_.clock.boot());
  }
  log_refused("local", person.error());
  attempt.mapped().done(fail(told(person.error())));
}

Result<SignIns::Begun> SignInDesk::begin_oidc() {
  if (!oidc_) {
    return fail(Code::kUnsupported, "no OpenID provider is configured (sign_in.oidc)");
  }
  const sign_in::PendingLogins::Begun begun = oidc_->begin();
  return Begun{oidc_->url_of(begun), begun.binding};
}

void SignInDesk::finish_oidc(const sign_in::Fields& answer, const std::string& binding,
                             Opened done) {
  if (!oidc_) {
    return done(fail(Code::kUnsupported, "no OpenID provider is configured (sign_in.oidc)"));
  }
  oidc_->finish(answer, binding, [this, done = std::move(done)](const Result<Person>& person) {
    if (person) {
      keep_name(*person);
      return open_recorded(*person, done);
    }
    log_refused(kOidcMethod, person.error());
    done(fail(told(person.error())));
  });
}

// An admin enrolls a passkey under the name with which its person signs in. Where this fails, it
// is done at their next sign-in.
void SignInDesk::keep_name(const Person& person) {
  (void)reader_.post([this, person] {
    if (const Status kept = passkeys_.rename(person); !kept) {
      log(LogLevel::kWarn, "provider_name_not_kept", {{"reason", kept.error().message}});
    }
  });
}

// Nobody is signed in without a record of it, nor on an account that has none.
void SignInDesk::open_recorded(const Person& person, Opened done) {
  tick();
  Session session;
  session.id = parts_.recorder.new_id();
  session.person = person;
  json::Array grants;
  for (const sign_in::Grant& grant : person.grants) {
    grants.emplace_back(sign_in::print_grant(grant));
  }
  json::Object body{{"method", person.method}};
  body["grants"] = std::move(grants);
  RecordDraft draft;
  draft.id = session.id;
  draft.kind = kinds::kOperatorSignedIn;
  body["operator"] = person.name;
  draft.body.members(body);
  parts_.recorder.record(
      std::move(draft), [this, alive = std::weak_ptr<bool>(alive_), session,
                         done = std::move(done)](const Result<RecordRef>& recorded) {
        if (alive.expired()) {
          return;
        }
        if (!recorded) {
          return done(fail(Code::kEvidenceUnavailable, "the sign-in cannot be recorded"));
        }
        const auto opened = sessions_.open(session.person, session.id, parts_.clock.boot());
        const Status looked = watch_.look_anew();  // the account may have been changed meanwhile
        (void)looked;                              // else each request of the session says so
        done(opened);
      });
}

void SignInDesk::record(const Session& by, json::Object body, Done done) {
  body["operator"] = by.person.name;
  body["session"] = by.id.text();
  RecordDraft draft;
  draft.id = parts_.recorder.new_id();
  draft.kind = kinds::kOperatorActed;
  draft.body.members(body);
  parts_.recorder.record(std::move(draft), [done = std::move(done)](const Result<RecordRef>& ref) {
    done(ref ? Status() : fail(ref.error()));
  });
}

// What a person changes of what they registered here: durable, off the I/O thread, and recorded
// before it.
void SignInDesk::change_recorded(const Session& by, json::Object body,
                                 const std::function<Status()>& change, Done done) {
  const std::uint64_t number = next_++;
  changes_.emplace(number, std::move(done));
  const auto end = [this, number, alive = std::weak_ptr<bool>(alive_)](const Status& status) {
    if (auto found =
            alive.expired() ? decltype(changes_.extract(number))() : changes_.extract(number)) {
      found.mapped()(status);
    }
  };
  record(by, std::move(body),
         [this, alive = std::weak_ptr<bool>(alive_), end, change](const Status& recorded) {
           if (alive.expired()) {
             return;
           }
           const bool posted = recorded && worker_.post([back = back_, end, change] {
             back([end, status = change()] { end(status); });
           });
           if (!posted) {
             end(recorded ? Status(fail(Code::kOverloaded, "too much is under way"))
                          : Status(fail(Code::kEvidenceUnavailable, "it cannot be recorded")));
           }
         });
}

void SignInDesk::add_passkey(const Session& by, const sign_in::Passkey& passkey, Done done) {
  change_recorded(
      by, {{"act", "passkey.add"}, {"target", passkey.credential.substr(0, kMaxTarget)}},
      [this, person = by.person, passkey] { return passkeys_.add(person, passkey); },
      std::move(done));
}

// The session in which it was asked for goes on, once it is removed; what else rests on it ends
// (account_watch.h).
void SignInDesk::remove_passkey(const Session& by, const std::string& kid, Done done) {
  const auto removed = [this, id = by.id, kid, done = std::move(done)](const Status& status) {
    if (status) {
      forget_passkey(id, kid);
    }
    done(status);
  };
  change_recorded(
      by, {{"act", "passkey.remove"}, {"target", kid.substr(0, kMaxTarget)}},
      [this, person = by.person, kid] { return passkeys_.remove(person, kid); }, removed);
}

void SignInDesk::forget_passkey(const Uuid& session, const std::string& kid) {
  (void)sessions_.close_if([&](Session& one) {
    if (one.id == session && one.person.account) {
      std::erase_if(one.person.account->passkeys,
                    [&kid](const auto& passkey) { return passkey.second.ends_with(" " + kid); });
    }
    return false;
  });
}

void SignInDesk::passkeys(Listed done) {
  const std::uint64_t number = next_++;
  looks_.emplace(number, std::move(done));
  const auto end = [this, number, alive = std::weak_ptr<bool>(alive_)](const auto& found) {
    if (!alive.expired()) {
      looks_.extract(number).mapped()(found);
    }
  };
  const bool posted = reader_.post(
      [this, end, back = back_] { back([end, found = passkeys_.all()] { end(found); }); });
  if (!posted) {
    looks_.extract(number).mapped()(fail(Code::kOverloaded, "too much is under way"));
  }
}

void SignInDesk::tick() {
  if (parts_.config.sign_in->local) {
    watch_.tick();
  }
}

std::vector<Session> SignInDesk::open_sessions() {
  const Status looked = watch_.look();
  (void)looked;  // who cannot be looked at may be listed; no request of theirs passes
  return sessions_.list(parts_.clock.boot());
}

// Less is always allowed: also when it cannot be recorded.
Status SignInDesk::end_session(const Session& by, Uuid id) {
  const Session who = by;
  if (!sessions_.close(id)) {
    return fail(Code::kNotFound, "no such session");
  }
  record(who, {{"act", id == who.id ? "sign_out" : "session.end"}, {"target", id.text()}},
         [](const Status& recorded) {
           if (!recorded) {
             log(LogLevel::kError, "act_not_recorded", {{"reason", recorded.error().message}});
           }
         });
  return {};
}

}  // namespace pawl
