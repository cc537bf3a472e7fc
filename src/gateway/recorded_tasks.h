// The newest records of this instance, for graphs in which they are parents.
//
// Threading:  the I/O thread.
// Bounds:     kMost, the newest.
// Not errors: an older record: nullopt, as for one that never was.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "foundation/ect/ect.h"

namespace pawl {

struct RecordedTask {
  std::int64_t iat = 0;
  std::optional<Uuid> workflow{};
  ect::Level level = ect::Level::kL3;  // the effective one, of what it came from
  bool approved = true;                // false: a refusal
};

class RecordedTasks {
 public:
  static constexpr std::size_t kMost = 16'384;

  void note(const Uuid& id, const RecordedTask& task);
  std::optional<RecordedTask> find(const Uuid& id) const;

 private:
  std::unordered_map<Uuid, RecordedTask> tasks_;
  std::deque<Uuid> order_;
};

}  // namespace pawl
