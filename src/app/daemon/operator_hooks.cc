// What operators decide, as records: Governance, third part.
// Threading: the hooks are called on the override thread, and work on the I/O thread.
#include "app/daemon/governance.h"
#include "foundation/records/kinds.h"

namespace pawl {

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
                                    random_, path_hooks());
}

}  // namespace pawl
