// The records of this instance, for graphs in which they are parents.
//
// Threading:  the I/O thread.
// Bounds:     kMost in memory, the newest; whoever knows older ones is asked for them.
// Not errors: a record that nobody knows: nullopt, as for one that never was.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
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

  // A point look-up; empty: nobody knows older ones.
  using Older = std::function<std::optional<RecordedTask>(const Uuid& id)>;
  void ask_for_older(Older older) { older_ = std::move(older); }

  void note(const Uuid& id, const RecordedTask& task);
  std::optional<RecordedTask> find(const Uuid& id) const;

 private:
  std::unordered_map<Uuid, RecordedTask> tasks_;
  std::deque<Uuid> order_;
  Older older_;
};

}  // namespace pawl
