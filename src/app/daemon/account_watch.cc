#include "app/daemon/account_watch.h"

#include <utility>

#include "app/daemon/state_changes.h"
#include "base/log.h"
#include "operators/sign_in/standing.h"
#include "path/plugged.h"

namespace pawl {

using sign_in::Session;

Status AccountWatch::look() {
  const Result<FileStamp> now = parts_.accounts.stamp();
  if (now && is_settled_ && stamp_ == *now) {
    return read_;
  }
  return look_anew();
}

// The stamp first: what changes behind it has another, or the next look reads again.
Status AccountWatch::look_anew() {
  const Result<FileStamp> stamp = parts_.accounts.stamp();
  Result<sign_in::AccountList> list =
      stamp ? parts_.accounts.read() : Result<sign_in::AccountList>(fail(stamp.error()));
  const bool was_good = read_.has_value();
  read_ = list ? Status() : Status(fail(list.error()));
  stamp_ = stamp ? std::optional(*stamp) : std::nullopt;
  is_settled_ = list && stamp->settled_at(parts_.clock.wall());
  if (list) {
    now_ = *std::move(list);
    end_sessions();
  } else if (was_good) {
    log(LogLevel::kError, "accounts_not_read", {{"reason", read_.error().message}});
  }
  return read_;
}

void AccountWatch::end_sessions() {
  const std::size_t ended = parts_.sessions.close_if([this](Session& session) {
    std::optional<sign_in::Standing>& rests_on = session.person.account;
    if (!rests_on) {
      return false;
    }
    const sign_in::Account* account = now_.find(session.person.name);
    const bool stays = sign_in::goes_on(session.person.grants, *rests_on, account);
    if (stays) {
      rests_on = sign_in::standing_of(*account);
    }
    return !stays && plugged(ControlId::kSession);
  });
  if (ended > 0) {
    log(LogLevel::kInfo, "sessions_ended",
        {{"count", std::to_string(ended)}, {"why", "their account was changed"}});
  }
}

void AccountWatch::tick() {
  if (look()) {
    record_changes();
  }
}

// The fold knows what is durable, so nothing is said twice, and what failed is said again.
void AccountWatch::record_changes() {
  if (*under_way_ > 0) {
    return;
  }
  const std::vector<StateChange> changes =
      account_changes(parts_.enrolled, now_, known_ ? &*known_ : nullptr);
  known_ = now_;
  *under_way_ = changes.size();
  for (const StateChange& change : changes) {
    RecordDraft draft;
    draft.id = parts_.recorder.new_id();
    draft.kind = change.kind;
    draft.body.members(change.body);
    parts_.recorder.record(std::move(draft),
                           [left = under_way_](const Result<RecordRef>&) { --*left; });
  }
}

}  // namespace pawl
