#include "app/daemon/task_recorder.h"

#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {

void TaskRecorder::task_ended(const Action& creating_call, Outcome outcome, std::string detail) {
  RecordDraft draft;
  draft.id = recorder_.new_id();
  draft.kind = kinds::kTaskOutcome;
  draft.workflow = creating_call.workflow;
  draft.causes = {{creating_call.id, Basis::kDeclared}};
  draft.agent = creating_call.caller.agent;
  draft.body["agent"] = creating_call.caller.agent;
  draft.body["server"] = creating_call.server;
  draft.body["tool"] = bounded_name(creating_call.tool);
  draft.body["verb"] = creating_call.verb;
  draft.body["outcome"] = outcome_name(outcome);
  draft.body["detail"] = bounded_name(detail);
  recorder_.record(std::move(draft), [](const Result<RecordRef>& record) {
    if (!record) {
      log(LogLevel::kError, "task_outcome_not_recorded", {{"reason", record.error().message}});
    }
  });
}

}  // namespace pawl
