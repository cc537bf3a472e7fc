// Unknown outcomes that a person resolves: the record beside the call's own, which stays as it is.
// Threading: the I/O thread.
#include <algorithm>

#include "app/daemon/governance.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {

void Governance::record_resolution(const override_::VerifiedResolution& verified,
                                   std::function<void(Result<Uuid>)> done) {
  const override_::Resolution& said = verified.resolution;
  const std::vector<Uuid>& open = decisions_.unknowns;
  if (std::find(open.begin(), open.end(), said.record) == open.end()) {
    done(fail(Code::kNotFound, "no outcome of call " + said.record.text() +
                                   " waits to be resolved: it is not unknown, it was resolved, or "
                                   "it is not among the newest 100"));
    return;
  }
  if (!resolving_.insert(said.record).second) {
    done(fail(Code::kConflict, "call " + said.record.text() + " is being resolved"));
    return;
  }
  RecordDraft draft;
  draft.id = recorder_->new_id();
  draft.kind = kinds::kUnknownResolved;
  draft.causes = {{said.record, Basis::kDeclared}};
  draft.body.text("found", override_::found_name(said.found));
  draft.body.text("reason", said.reason);
  draft.body.text("operator", verified.operator_name);
  draft.body.text("kid", verified.kid);
  draft.body.text("statement", verified.token);
  recorder_->record(std::move(draft), [this, call = said.record,
                                       done = std::move(done)](const Result<RecordRef>& record) {
    resolving_.erase(call);
    if (!record) {
      done(fail(record.error()));
      return;
    }
    log(LogLevel::kInfo, "unknown_resolved", {{"call", call.text()}});
    done(record->id);
  });
}

}  // namespace pawl
