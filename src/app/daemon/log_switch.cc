// The switch to the next log in a running daemon: Governance, second part.
//
// Order: the recorder holds what would be appended; everything appended is answered, so that the
// decisions are those of the log's end; what the next log goes on from is durable beside the old
// one; the old one is closed and frozen, the new one is opened; it begins with the intents that are
// open and its first record; then the recorder hands over what it held. A crash in between is
// settled by the next start, and then open calls are unknown.
#include "app/daemon/governance.h"
#include "base/log.h"

namespace pawl {
namespace {

constexpr std::chrono::seconds kAgain{60};  // after a switch that could not begin

}  // namespace

Result<std::uint64_t> Governance::switch_log() {
  if (switching_ || finishing_ || record_keys_->busy()) {
    return fail(Code::kConflict,
                "the log is being switched, its keys are being changed, or the daemon ends");
  }
  if (const std::string why = ledger().closed_because(); !why.empty()) {
    return fail(Code::kEvidenceUnavailable, why);
  }
  if (ledger().size() == 0) {
    return fail(Code::kConflict, "the log has no record yet: nothing to go on from");
  }
  if (Status settled = keys_->settle_instance(); !settled) {  // the next log has one key of them
    return fail(settled.error());
  }
  switching_ = true;
  recorder_->pause([this] { scheduler_.post([this] { go_on_as_next(); }); });
  return log_->number() + 1;
}

void Governance::go_on_as_next() {
  Status ready = finishing_ ? fail(Code::kConflict, "the daemon ends") : in_flight_->begin_anew();
  if (ready) {
    ready = log_->prepare_next(decisions_);
  }
  switching_ = false;
  if (!ready) {
    log(LogLevel::kError, "log_not_switched", {{"reason", ready.error().message}});
    switch_again_ = BootTime{clock_.boot().us + std::chrono::microseconds(kAgain).count()};
    recorder_->go_on(ledger(), [] {});
    return;
  }
  if (Status gone_on = log_->go_on(decisions_); !gone_on) {
    // There is no log to write to. What is on the disk is as after a crash: a start settles it.
    log(LogLevel::kError, "log_lost_in_switch", {{"reason", gone_on.error().message}});
    options_.log_lost();
  }
  snapshot_at_ = 0;
  recorder_->go_on(ledger(), [this] { record_opening(); });
  log_->start_scrub();
  log(LogLevel::kInfo, "log_switched", {{"number", std::to_string(log_->number())}});
  if (options_.log_switched) {
    options_.log_switched(log_->number() - 1);
  }
}

}  // namespace pawl
