// Takes one control of the path out while it lives; only test programs can.
//
// Threading:  one thread at a time.
// Example:    { Unplugged out(ControlId::kRules); CallView& call = rig.submit(...); }
#pragma once

#include "path/plugged.h"

namespace pawl {

class Unplugged {
 public:
  explicit Unplugged(ControlId id);
  ~Unplugged();
  Unplugged(const Unplugged&) = delete;
  Unplugged& operator=(const Unplugged&) = delete;

 private:
  ControlId id_;
};

}  // namespace pawl
