// What became of a task that a governed call created and left running at the server.
//
// Purpose:    the call's own record says "a task was created"; this tells the end of the task,
// once,
//             to whoever writes the `task.outcome` record (design, section 2).
// Threading:  the I/O thread.
// Not errors: kUnknown: the server forgot the task, was gone too long, or took it to its end.
//
// Example:
//   outcomes.task_ended(call, Outcome::kConfirmed, "completed");
#pragma once

#include <string>

#include "foundation/records/outcome.h"
#include "path/action.h"

namespace pawl {

class TaskOutcomes {
 public:
  virtual ~TaskOutcomes() = default;
  // `creating_call`: the Action whose answer created the task (its id is that record's). `detail`:
  // the task's last status or why it is not known; never arguments or results.
  virtual void task_ended(const Action& creating_call, Outcome outcome, std::string detail) = 0;
};

// A task whose call is recorded and whose end is not: what a restart finds in the ledger.
struct OpenTask {
  Action creating_call;  // as far as its record names it: id, workflow, verb, caller, server, tool
  std::string followed;  // Answer::followed, as it was recorded
  WallTime recorded;
};

}  // namespace pawl
