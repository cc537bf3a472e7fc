// The tasks whose end the ledger still owes: a part of the fold.
//
// Purpose:    a fold over records: the record of a call that left a task running opens one, the
//             `task.outcome` whose `pred` names that record closes it.
// Threading:  plain value.
// Bounds:     kMost. A record beyond it opens nothing: whoever follows tasks takes fewer at once
//             and records the outcome of any other as unknown.
// Not errors: an outcome of a task that is not open (it changes nothing).
// Source:     docs/formats/records.md (`task`, `task.outcome`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/fold_part.h"

namespace pawl {

struct FollowedTask {
  std::optional<Uuid> workflow;
  std::string verb;
  std::string agent;
  std::string on_behalf_of;
  std::string server;
  std::string tool;
  std::string task;     // sealed by the protocol adapter: which task, and how to ask for it
  std::int64_t at = 0;  // seconds: when the call was recorded
};

class FollowedTasks {
 public:
  static constexpr std::size_t kMost = 16'384;

  void apply(const FoldedRecord& record);

  // By the id of the call that created the task.
  const std::map<Uuid, FollowedTask>& all() const { return open_; }

  json::Array print() const;
  // nullptr and members of another shape are skipped: this instance signed what is read.
  static FollowedTasks read(const json::Value* list);

 private:
  std::map<Uuid, FollowedTask> open_;
};

struct FoldedTasks {
  FollowedTasks tasks;

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record) { tasks.apply(record); }
  // "tasks":[...]
  void print_to(json::Object& out) const { out["tasks"] = tasks.print(); }
  static Result<FoldedTasks> read(const json::Value& state) {
    return FoldedTasks{FollowedTasks::read(json::find(state, {"tasks"}))};
  }
};

}  // namespace pawl
