// Refuses governed arguments with a number that a double changes: 9007199254740993, 1e400.
//
// Rules, the approver's screen and the upstream must read the same value; JSON readers differ on
// such a number (design, section 2). Threading: the I/O thread.
#pragma once

#include "path/control.h"

namespace pawl {

class NumberControl final : public Control {
 public:
  std::string_view name() const override { return "numbers"; }
  Verdict decide(const Action& action, const Moment&) const override {
    Verdict verdict;
    if (!action.lossy_numbers.empty()) {
      verdict.ruling = Ruling::kDeny;
      verdict.code = Code::kInvalidParams;
      verdict.rule = "exact-numbers";
      verdict.reason = "the number at " + action.lossy_numbers.front() +
                       " is not the same when read as a double; send it as a string";
    }
    return verdict;
  }
};

}  // namespace pawl
