#include "gateway/recorded_tasks.h"

namespace pawl {

void RecordedTasks::note(const Uuid& id, const RecordedTask& task) {
  if (!tasks_.emplace(id, task).second) {
    return;
  }
  order_.push_back(id);
  if (order_.size() > kMost) {
    tasks_.erase(order_.front());
    order_.pop_front();
  }
}

std::optional<RecordedTask> RecordedTasks::find(const Uuid& id) const {
  const auto found = tasks_.find(id);
  if (found != tasks_.end()) {
    return found->second;
  }
  return older_ ? older_(id) : std::nullopt;
}

}  // namespace pawl
