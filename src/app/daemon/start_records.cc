// What a start owes the ledger: a part of Governance.
//
// Order: the first record of a new log, the start, stops and revocations that were not recorded,
// the rule set, then what differs from the last record of it: the configuration, who is enrolled,
// processes whose end nobody saw. At last an `unknown` for each open intent. Nobody may call before
// all but the stops are durable: a gateway that cannot record how it is configured does not start.
#include <iterator>
#include <memory>
#include <utility>

#include "app/daemon/account_store.h"
#include "app/daemon/governance.h"
#include "app/daemon/state_changes.h"
#include "base/log.h"
#include "foundation/records/kinds.h"
#include "gateway/recovery.h"
#include "path/plugged.h"

namespace pawl {
namespace {

void ignore(const Result<RecordRef>&) {}

}  // namespace

void Governance::record_state(std::string_view kind, const json::Object& body,
                              std::function<void(const Result<RecordRef>&)> done) {
  RecordDraft draft;
  draft.id = recorder_->new_id();
  draft.kind = kind;
  draft.body.members(body);
  recorder_->record(std::move(draft), std::move(done));
}

void Governance::begin(std::function<void(Status)> done) {
  if (ledger().size() > 0) {  // else the first record's key alone is valid
    record_keys_->begin();
  }
  record_opening();
  record_state(kinds::kNodeStarted,
               {{"recovered_intents", recovery_.open_intents.size()},
                {"recovered_notes", open_notes_.size()}},
               ignore);
  record_unrecorded();
  record_policy();
  record_changes([this, done = std::move(done)](Status changes) {
    if (changes) {
      record_recovered(done);
    } else {
      done(std::move(changes));
    }
  });
}

Result<std::vector<StateChange>> Governance::state_changes() const {
  const Config& config = *options_.config;
  const Result<json::Object> effective =
      effective_now(files_, config, options_.keys, options_.allow_unverified);
  if (!effective) {
    return fail_at("configuration", effective.error());
  }
  const RecordedState& recorded = decisions_.recorded;
  std::vector<StateChange> out = config_changes(
      recorded.configuration, section_digests(*effective, config.directory), policy_.state.digest);
  for (std::vector<StateChange> more :
       {identity_changes(recorded.enrolled, enrolled_now(config, *keys_, keys_->operators())),
        changed_accounts(), lost_processes(recorded.processes)}) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

// Who signs in with an account, where one counts. A file that cannot be read says nothing: then
// nobody signs in, and a record would be of a guess.
std::vector<StateChange> Governance::changed_accounts() const {
  const std::optional<SignInConfig>& config = options_.config->sign_in;
  const Result<sign_in::AccountList> now = config && config->local
                                               ? AccountStore(files_, options_.folder).read()
                                               : sign_in::AccountList{};
  if (!now) {
    log(LogLevel::kError, "accounts_not_read", {{"reason", now.error().message}});
  }
  return now ? account_changes(decisions_.recorded.enrolled, *now) : std::vector<StateChange>();
}

// What is not as the ledger last said. All of it is durable, or `done` says why not.
void Governance::record_changes(std::function<void(Status)> done) {
  const Result<std::vector<StateChange>> changes = state_changes();
  if (!changes) {
    done(fail(changes.error()));
    return;
  }
  struct Progress {
    std::size_t left = 0;
    Status status;
    std::function<void(Status)> done;
  };
  auto progress = std::make_shared<Progress>();
  progress->left = changes->size() + 1;
  progress->done = std::move(done);
  const auto recorded = [progress](const Result<RecordRef>& record) {
    if (!record && plugged(ControlId::kStartRecorded)) {
      progress->status = fail(record.error());
    }
    if (--progress->left == 0) {
      progress->done(std::move(progress->status));
    }
  };
  for (const StateChange& change : *changes) {
    RecordDraft draft;
    draft.id = recorder_->new_id();
    draft.kind = change.kind;
    draft.causes = change.causes;
    draft.body.members(change.body);
    recorder_->record(std::move(draft), recorded);
  }
  recorded(RecordRef{});  // it keeps `done` for the end
}

void Governance::record_recovered(std::function<void(Status)> done) {
  recovered_unknowns_ = recovery_.open_intents.size() + open_notes_.size();
  record_unknowns(*recorder_, std::exchange(recovery_.open_intents, {}),
                  std::exchange(open_notes_, {}),
                  [this, done = std::move(done)](const Result<std::size_t>& count) {
                    if (!count) {
                      done(fail(count.error()));
                      return;
                    }
                    approvals_->begin();
                    log_->start_scrub();
                    done(in_flight_->clear());
                  });
}

// The first record of a log, behind the intents that were open in the log before.
void Governance::record_opening() {
  if (ledger().size() > 0) {
    return;
  }
  for (ledger::Intent& intent : log_->owed()) {
    ledger().append_intent(std::move(intent), [](const Status&) {});
  }
  record_state(kinds::kLedgerOpened, log_->opened_body(), ignore);
}

}  // namespace pawl
