// A gate that notes whether a message's first byte passed it.
//
// Purpose:    a record may say "delivered" only when the bytes were handed over; queues do not
//             tell.
// Threading:  the I/O thread. The note is told through the scheduler, never from inside a write.
// Ownership:  a Note lives as long as its message may still leave; its end without a pass is "no".
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/scheduler.h"
#include "base/write_gate.h"

namespace pawl::bridge {

class Note {
 public:
  Note(Scheduler& scheduler, std::function<void(bool)> told)
      : scheduler_(scheduler), told_(std::move(told)) {}
  ~Note() { tell(false); }
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;

  bool passed() const { return passed_; }
  void pass() {
    passed_ = true;
    tell(true);
  }

 private:
  void tell(bool left) {
    if (told_) {
      scheduler_.post([told = std::exchange(told_, nullptr), left] { told(left); });
    }
  }

  Scheduler& scheduler_;
  std::function<void(bool)> told_;
  bool passed_ = false;
};

class NotingGate final : public WriteGate {
 public:
  // `gate` may be null: nothing governs these bytes.
  NotingGate(std::shared_ptr<WriteGate> gate, std::shared_ptr<Note> note)
      : gate_(std::move(gate)), note_(std::move(note)) {}

  bool pass(FunctionRef<void()> write) override {
    if (gate_ == nullptr) {
      write();
    } else if (!gate_->pass(write)) {
      return false;
    }
    if (!note_->passed()) {
      note_->pass();
    }
    return true;
  }

 private:
  std::shared_ptr<WriteGate> gate_;
  std::shared_ptr<Note> note_;
};

}  // namespace pawl::bridge
