// One gate of many: passes when every call that is part of an answer may be released.
//
// Threading:  the I/O thread.
// Contract:   the write happens within every gate, each within the one before: a stop that closes
//             any of them waits for the write, or the write does not happen.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/write_gate.h"

namespace pawl::bridge {

class AllGates final : public WriteGate {
 public:
  AllGates(std::vector<std::shared_ptr<WriteGate>> gates, std::shared_ptr<WriteGate> last)
      : gates_(std::move(gates)), last_(std::move(last)) {}
  bool pass(FunctionRef<void()> write) override { return pass_from(0, write); }

 private:
  bool pass_from(std::size_t index, FunctionRef<void()> write) {
    if (index == gates_.size()) {
      return last_->pass(write);
    }
    bool is_written = false;
    const bool is_open = gates_[index]->pass([&] { is_written = pass_from(index + 1, write); });
    return is_open && is_written;
  }

  const std::vector<std::shared_ptr<WriteGate>> gates_;
  const std::shared_ptr<WriteGate> last_;
};

}  // namespace pawl::bridge
