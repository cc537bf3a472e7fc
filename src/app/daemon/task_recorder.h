// Records how a followed task ended: one `task.outcome` for the call that created it.
// Threading: the I/O thread.
#pragma once

#include "gateway/recorder.h"
#include "path/task_outcomes.h"

namespace pawl {

class TaskRecorder final : public TaskOutcomes {
 public:
  explicit TaskRecorder(Recorder& recorder) : recorder_(recorder) {}
  void task_ended(const Action& creating_call, Outcome outcome, std::string detail) override;

 private:
  Recorder& recorder_;
};

}  // namespace pawl
