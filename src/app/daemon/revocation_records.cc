// Revocations at the start, and as records: a part of Governance.
// Threading: the hooks are called on the override thread, and work on the I/O thread.
#include <utility>

#include "app/daemon/governance.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

void tell(const std::function<void(Status)>& done, const Result<RecordRef>& record) {
  done(record ? Status{} : Status(fail(record.error())));
}

}  // namespace

// What is in force: the journal's and the ledger's, less those whose lift is recorded. What the
// ledger holds needs no slot any more, but has one until something else needs it.
void Governance::open_revocations() {
  revoked_ = decisions_.revoked;
  for (override_::Revocation& revocation : journal_->take_revocations()) {
    if (decisions_.lifted.contains(revocation.id)) {
      if (Status erased = journal_->erase(revocation.id); !erased) {
        log(LogLevel::kError, "journal_slot_not_erased", {{"reason", erased.error().message}});
      }
      continue;
    }
    if (decisions_.revoked.find(revocation.id) != nullptr) {
      journal_->in_ledger(revocation.id);
    } else {
      unrecorded_revocations_.push_back({revocation, {{"journaled", true}}, [](const Status&) {}});
    }
    revoked_.apply(std::move(revocation));
  }
  stop_board_.publish_revoked(revoked_);
}

// One that cannot be recorded now is recorded when the ledger can write again, at the latest after
// the next start: the journal holds it.
void Governance::record_revocation(Unrecorded owed) {
  json::Object body = owed.more;
  body["revocation"] = override_::print_revocation(owed.revocation);
  record_state(kinds::kIdentityRevoked, body,
               [this, owed = std::move(owed)](const Result<RecordRef>& record) {
                 if (!record) {
                   unrecorded_revocations_.push_back(owed);
                 }
                 tell(owed.done, record);
               });
}

void Governance::record_unrecorded_revocations() {
  if (ledger().closed_because().empty()) {
    for (Unrecorded& owed : std::exchange(unrecorded_revocations_, {})) {
      record_revocation(std::move(owed));
    }
  }
}

RevocationHooks Governance::revocation_hooks() {
  RevocationHooks hooks;
  hooks.revoked = [this](const override_::Revocation& revocation, bool journaled,
                         const std::string& kid, const std::string& statement,
                         const std::function<void(Status)>& done) {
    scheduler_.post([this, revocation, journaled, kid, statement, done] {
      gateway_->recheck_open_calls();
      record_revocation(
          {revocation, {{"journaled", journaled}, {"kid", kid}, {"statement", statement}}, done});
    });
  };
  hooks.record_lift = [this](const override_::VerifiedRevocation& verified,
                             const std::function<void(Status)>& done) {
    scheduler_.post([this, verified, done] {
      json::Array ids;
      for (const Uuid& id : verified.statement.lifts) {
        ids.emplace_back(id.text());
      }
      json::Object body{{"target", verified.statement.target},
                        {"operator", verified.operator_name},
                        {"kid", verified.kid},
                        {"statement", verified.token}};
      body["revocations"] = std::move(ids);
      record_state(kinds::kIdentityRestored, body,
                   [done](const Result<RecordRef>& record) { tell(done, record); });
    });
  };
  return hooks;
}

}  // namespace pawl
