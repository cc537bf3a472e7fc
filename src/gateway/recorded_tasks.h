// The records of this instance, for graphs in which they are parents, and the tokens of others that
// are recorded here.
//
// Threading:  the I/O thread.
// Bounds:     kMost in memory, the newest; whoever knows older ones is asked for them.
// Not errors: a record that nobody knows: nullopt, as for one that never was.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "foundation/ect/ect.h"

namespace pawl {

struct RecordedTask {
  std::int64_t iat = 0;
  std::optional<Uuid> workflow{};
  ect::Level level = ect::Level::kL3;  // the effective one, of what it came from
  bool approved = true;                // false: a refusal
  // Of somebody else's token (foundation/ect/received_token.h); empty: a record of our own.
  std::string issuer{}, payload{};
};

class RecordedTasks {
 public:
  static constexpr std::size_t kMost = 16'384;

  // A point look-up; empty: nobody knows older ones.
  using Older = std::function<std::optional<RecordedTask>(const Uuid& id)>;
  // `ready`: whether all that was recorded before the newest in memory can be found now.
  void ask_for_older(Older older, std::function<bool()> ready) {
    older_ = std::move(older);
    ready_ = std::move(ready);
  }
  bool knows_older() const { return !ready_ || ready_(); }

  void note(const Uuid& id, const RecordedTask& task);
  std::optional<RecordedTask> find(const Uuid& id) const;

 private:
  std::unordered_map<Uuid, RecordedTask> tasks_;
  std::deque<Uuid> order_;
  Older older_;
  std::function<bool()> ready_;
};

}  // namespace pawl
