#include "gateway/stop_desk.h"

#include "base/log.h"
#include "path/plugged.h"

namespace pawl {

using override_::Scope;
using override_::Stop;

StopDesk::StopDesk(StopBoard& board, DispatchGate& gate, const Keystore& keys,
                   std::unique_ptr<override_::OverrideJournal> journal, override_::StopSet in_force,
                   std::string audience, const LatestTime& time, Random& random, PathHooks hooks)
    : board_(board),
      gate_(gate),
      keys_(keys),
      journal_(std::move(journal)),
      stops_(std::move(in_force)),
      audience_(std::move(audience)),
      time_(time),
      random_(random),
      hooks_(std::move(hooks)) {}

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
  if (!verified) {
    return fail(verified.error());
  }
  if (verified->statement.verb != override_::Verb::kStop) {
    return fail(Code::kTokenInvalid, "the statement is not a stop");
  }
  // The statement's own id names the stop: sent twice, it is one stop.
  return apply(Stop{verified->statement.id, verified->statement.scope, verified->statement.reason,
                    verified->operator_name, time_.wall()},
               token);
}

StopReceipt StopDesk::apply(Stop stop, std::string statement) {
  StopReceipt receipt{stop, true, ""};
  if (stops_.find(stop.id) != nullptr) {
    return receipt;
  }
  stops_.apply_stop(stop);
  board_.publish(stops_);
  gate_.advance(EpochKind::kStops);
  if (Status written = journal_->record(stop); !written) {
    receipt.journaled = false;
    receipt.problem = written.error().message;
    log(LogLevel::kError, "stop_not_journaled", {{"reason", receipt.problem}});
  }
  log(LogLevel::kWarn, "stopped", {{"scope", stop.scope.text()}, {"stop", stop.id.text()}});
  hooks_.stopped(std::move(stop), receipt.journaled, std::move(statement));
  return receipt;
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
    out.push_back(*stop);
  }
  return out;
}

void StopDesk::resume(const std::string& token, std::function<void(std::function<void()>)> back,
                      std::function<void(Result<std::vector<Stop>>)> done) {
  Result<override_::Verified> verified =
      override_::verify_statement(token, keys_, audience_, time_.wall());
  if (!verified) {
    done(fail(verified.error()));
    return;
  }
  Result<std::vector<Stop>> stops = to_lift(verified->statement);
  if (!stops) {
    done(fail(stops.error()));
    return;
  }
  hooks_.record_lift(*std::move(verified), [this, back, stops = *stops, done](Status recorded) {
    back([this, stops, done, recorded] {
      if (!recorded) {
        done(fail(recorded.error()));
        return;
      }
      lift(stops);
      done(stops);
    });
  });
}

void StopDesk::lift(const std::vector<Stop>& stops) {
  for (const Stop& stop : stops) {
    stops_.apply_lift(stop.id);
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
