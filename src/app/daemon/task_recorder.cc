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
  draft.body.text("agent", creating_call.caller.agent);
  draft.body.text("server", creating_call.server);
  draft.put_name("tool", creating_call.tool);
  draft.body.text("verb", creating_call.verb);
  draft.put_outcome(outcome);
  draft.put_name("detail", detail);
  recorder_.record(std::move(draft), [](const Result<RecordRef>& record) {
    if (!record) {
      log(LogLevel::kError, "task_outcome_not_recorded", {{"reason", record.error().message}});
    }
  });
}

}  // namespace pawl
