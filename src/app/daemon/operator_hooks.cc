// What operators decided before the start, and what they decide, as records: Governance, third
// part. Threading: the hooks are called on the override thread, and work on the I/O thread.
#include <utility>

#include "app/daemon/governance.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {

// What is in force: the journal's and the ledger's stops, less those whose lift is recorded.
Status Governance::open_stops() {
  std::vector<override_::Stop> journaled;
  Result<std::unique_ptr<override_::OverrideJournal>> journal =
      override_::OverrideJournal::open(files_, options_.folder.journal(), clock_, journaled);
  if (!journal) {
    return fail(journal.error());
  }
  journal_ = *std::move(journal);
  stops_ = decisions_.stops;
  for (override_::Stop& stop : journaled) {
    if (decisions_.lifted.contains(stop.id)) {
      const Status erased = journal_->erase(stop.id);
      if (!erased) {
        log(LogLevel::kError, "journal_slot_not_erased", {{"reason", erased.error().message}});
      }
      continue;
    }
    if (stops_.find(stop.id) == nullptr && !override_::OverrideJournal::is_damage(stop)) {
      unrecorded_stops_.push_back(stop);
    }
    stops_.apply_stop(std::move(stop));
  }
  stop_board_.publish(stops_);
  open_revocations();
  return {};
}

// Whoever stopped was told so before the record was durable, and then the crash came.
void Governance::record_unrecorded() {
  for (const override_::Stop& stop : std::exchange(unrecorded_stops_, {})) {
    record_stop(stop, true, "");
  }
  record_unrecorded_revocations();
}

void Governance::record_stop(const override_::Stop& stop, bool journaled,
                             const std::string& statement) {
  json::Object body{{"level", "mandatory"}, {"result", "APPLIED"}, {"journaled", journaled}};
  body["stop"] = override_::print_stop(stop);
  if (!statement.empty()) {
    body["statement"] = statement;
  }
  record_state(kinds::kOverrideApplied, body, [](const Result<RecordRef>&) {});
}

PathHooks Governance::path_hooks() {
  PathHooks hooks;
  hooks.recheck = [this] { scheduler_.post([this] { gateway_->recheck_open_calls(); }); };
  hooks.stopped = [this](const override_::Stop& stop, bool journaled,
                         const std::string& statement) {
    scheduler_.post([this, stop, journaled, statement] {
      gateway_->recheck_open_calls();
      record_stop(stop, journaled, statement);
    });
  };
  hooks.record_resolution = [this](const override_::VerifiedResolution& verified,
                                   const std::function<void(Result<Uuid>)>& done) {
    scheduler_.post([this, verified, done] { record_resolution(verified, done); });
  };
  hooks.record_compromise = [this](const override_::VerifiedCompromise& verified,
                                   const std::function<void(Result<json::Object>)>& done) {
    scheduler_.post([this, verified, done] { record_keys_->compromised(verified, done); });
  };
  hooks.revocations = revocation_hooks();
  hooks.record_lift = [this](const override_::Verified& verified,
                             const std::function<void(Status)>& done) {
    scheduler_.post([this, verified, done] {
      json::Array stops;
      for (const Uuid& stop : verified.statement.stops) {
        stops.emplace_back(stop.text());
      }
      json::Object body{{"scope", verified.statement.scope.text()},
                        {"operator", verified.operator_name},
                        {"kid", verified.kid},
                        {"statement", verified.token}};
      body["stops"] = std::move(stops);
      record_state(kinds::kOverrideLifted, body, [done](const Result<RecordRef>& record) {
        done(record ? Status{} : Status(fail(record.error())));
      });
    });
  };
  return hooks;
}

std::unique_ptr<StopDesk> Governance::take_stop_desk() {
  return std::make_unique<StopDesk>(stop_board_, gate_, *keys_, std::move(journal_), stops_,
                                    decisions_.lifted, recorder_->instance().spiffe(), latest_time_,
                                    random_, path_hooks(), revoked_);
}

}  // namespace pawl
