#include "gateway/stop_desk.h"

#include <algorithm>
#include <iterator>

#include "base/limit_stat.h"
#include "base/log.h"
#include "path/plugged.h"

namespace pawl {

using override_::Scope;
using override_::Stop;

namespace {

LimitStat lifted_stops("lifted_stops");

}  // namespace

StopDesk::StopDesk(StopBoard& board, DispatchGate& gate, const Keystore& keys,
                   std::unique_ptr<override_::OverrideJournal> journal, override_::StopSet in_force,
                   override_::LiftedStops lifted, std::string audience, const LatestTime& time,
                   Random& random, PathHooks hooks, override_::RevokedSet revoked)
    : board_(board),
      gate_(gate),
      keys_(keys),
      journal_(std::move(journal)),
      stops_(std::move(in_force)),
      lifted_(std::move(lifted)),
      audience_(std::move(audience)),
      time_(time),
      random_(random),
      hooks_(std::move(hooks)),
      revocations_({board_, gate_, keys_, *journal_, lifted_, audience_, time_, hooks_.revocations},
                   std::move(revoked)) {}

template <class Statement>
Result<Statement> StopDesk::in_force(Result<Statement> verified) const {
  const Status counts = verified ? revocations_.check_signer(verified->kid) : Status{};
  return counts ? std::move(verified) : Result<Statement>(fail(counts.error()));
}

Result<StopReceipt> StopDesk::stop(const Scope& scope, std::string reason, std::string by) {
  if (scope.wide() && plugged(ControlId::kWideStopSigned)) {
    return fail(Code::kForbidden, scope.text() + " is wide: an operator signs such a stop");
  }
  return apply(
      Stop{Uuid::v7(time_.wall(), random_), scope, std::move(reason), std::move(by), time_.wall()},
      "");
}

// Less is always allowed: a stop is also fresh by the machine's own clock, which may have been set
// back after it had been ahead. A replayed stop stops what was stopped, and nothing else.
Result<StopReceipt> StopDesk::stop_signed(const std::string& token) {
  Result<override_::Verified> verified =
      override_::verify_statement(token, keys_, audience_, time_.wall());
  if (!verified) {
    verified = override_::verify_statement(token, keys_, audience_, time_.machine_wall());
  }
  verified = in_force(std::move(verified));
  if (!verified) {
    return fail(verified.error());
  }
  if (verified->statement.verb != override_::Verb::kStop) {
    return fail(Code::kTokenInvalid, "the statement is not a stop");
  }
  if (Status usable = usable_once(verified->statement); !usable) {
    return fail(usable.error());
  }
  return apply(Stop{verified->statement.id, verified->statement.scope, verified->statement.reason,
                    verified->operator_name, time_.wall()},
               token);
}

// The statement's own id names the stop: sent twice it is one stop, and none after its lift.
Status StopDesk::usable_once(const override_::Statement& statement) const {
  if (const Stop* known = stops_.find(statement.id)) {
    return known->scope == statement.scope
               ? Status{}
               : fail(Code::kConflict, "the statement's jti is that of a stop of " +
                                           known->scope.text() + "; sign one with a new jti");
  }
  if (lifted_.contains(statement.id) && plugged(ControlId::kStatementOnce)) {
    return fail(Code::kConflict, "the statement was used, and its stop " + statement.id.text() +
                                     " lifted; sign a new one");
  }
  return {};
}

StopReceipt StopDesk::apply(Stop stop, std::string statement) {
  StopReceipt receipt{stop, true, ""};
  if (const Stop* known = stops_.find(stop.id)) {
    receipt.stop = *known;
    journal(receipt);  // a slot may be free by now
    return receipt;
  }
  stops_.apply_stop(stop);
  board_.publish(stops_);
  gate_.advance(EpochKind::kStops);
  journal(receipt);
  log(LogLevel::kWarn, "stopped", {{"scope", stop.scope.text()}, {"stop", stop.id.text()}});
  hooks_.stopped(std::move(stop), receipt.journaled, std::move(statement));
  return receipt;
}

void StopDesk::journal(StopReceipt& receipt) {
  if (journal_->holds(receipt.stop.id)) {
    return;
  }
  if (Status written = journal_->record(receipt.stop); !written) {
    receipt.journaled = false;
    receipt.problem = written.error().message;
    log(LogLevel::kError, "stop_not_journaled", {{"reason", receipt.problem}});
  }
}

Result<std::vector<Stop>> StopDesk::to_lift(const override_::Statement& statement) const {
  if (statement.verb != override_::Verb::kResume || statement.stops.empty()) {
    return fail(Code::kTokenInvalid, "the statement is not a resume that names its stops");
  }
  std::vector<Stop> out;
  for (const Uuid& id : statement.stops) {
    const Stop* stop = stops_.find(id);
    if (stop == nullptr) {
      return fail(Code::kNotFound, "no stop " + id.text() + " is in force");
    }
    if (stop->scope != statement.scope) {
      return fail(Code::kConflict, "stop " + id.text() + " is about " + stop->scope.text());
    }
    if (std::find(lifting_.begin(), lifting_.end(), id) != lifting_.end()) {
      return fail(Code::kConflict, "stop " + id.text() + " is being lifted");
    }
    out.push_back(*stop);
  }
  if (!lifted_.room_for(lifting_.size() + out.size(), time_.wall())) {
    lifted_stops.reached();
    return fail(Code::kOverloaded,
                "1024 stops were lifted in the last minutes, and each is kept "
                "until its statement is past; send it again later");
  }
  return out;
}

void StopDesk::resume(const std::string& token, std::function<void(std::function<void()>)> back,
                      std::function<void(Result<std::vector<Stop>>)> done) {
  Result<override_::Verified> verified =
      in_force(override_::verify_statement(token, keys_, audience_, time_.wall()));
  if (!verified) {
    done(fail(verified.error()));
    return;
  }
  Result<std::vector<Stop>> stops = to_lift(verified->statement);
  if (!stops) {
    done(fail(stops.error()));
    return;
  }
  std::transform(stops->begin(), stops->end(), std::back_inserter(lifting_),
                 [](const Stop& stop) { return stop.id; });
  hooks_.record_lift(*std::move(verified), [this, back = std::move(back), stops = *stops,
                                            done = std::move(done)](const Status& recorded) {
    back([this, stops, done, recorded] {
      std::erase_if(lifting_, [&](const Uuid& id) {
        return std::any_of(stops.begin(), stops.end(),
                           [&](const Stop& stop) { return stop.id == id; });
      });
      if (!recorded) {
        done(fail(recorded.error()));
        return;
      }
      lift(stops);
      done(stops);
    });
  });
}

void StopDesk::resolve(const std::string& token, std::function<void(std::function<void()>)> back,
                       std::function<void(Result<Uuid>)> done) {
  Result<override_::VerifiedResolution> verified =
      in_force(override_::verify_resolution(token, keys_, audience_, time_.wall()));
  if (!verified) {
    done(fail(verified.error()));
    return;
  }
  hooks_.record_resolution(*std::move(verified), [back = std::move(back), done = std::move(done)](
                                                     const Result<Uuid>& recorded) {
    back([done, recorded] { done(recorded); });
  });
}

void StopDesk::compromised(const std::string& token,
                           std::function<void(std::function<void()>)> back,
                           std::function<void(Result<json::Object>)> done) {
  Result<override_::VerifiedCompromise> verified =
      in_force(override_::verify_compromise(token, keys_, audience_, time_.wall()));
  if (!verified) {
    done(fail(verified.error()));
    return;
  }
  hooks_.record_compromise(*std::move(verified), [back = std::move(back), done = std::move(done)](
                                                     const Result<json::Object>& keys) {
    back([done, keys] { done(keys); });
  });
}

void StopDesk::lift(const std::vector<Stop>& stops) {
  for (const Stop& stop : stops) {
    stops_.apply_lift(stop.id);
    lifted_.add(stop.id, time_.wall().seconds());
    // A slot that stays is lifted again at the next start: the ledger's record says it ended.
    if (Status erased = journal_->erase(stop.id); !erased) {
      log(LogLevel::kError, "journal_slot_not_erased", {{"reason", erased.error().message}});
    }
    log(LogLevel::kWarn, "resumed", {{"scope", stop.scope.text()}, {"stop", stop.id.text()}});
  }
  board_.publish(stops_);
  gate_.advance(EpochKind::kStops);
  hooks_.recheck();
}

}  // namespace pawl
