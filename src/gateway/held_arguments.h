// Where the arguments of held calls lie, so that people can read what they decide on.
//
// Threading:  the I/O thread, which waits for the disk: a hold is rare, and bounded for each agent.
// Errors:     keep(): nothing is kept, and the call may not be held. read(): kNotFound, and what
// the
//             vault says of a key or an object that is lost or wrong.
// Source:     docs/formats/vault.md, "Held calls".
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

class HeldArguments {
 public:
  virtual ~HeldArguments() = default;
  // Durable when it returns.
  virtual Status keep(const Uuid& approval, std::string_view params, WallTime now) = 0;
  virtual Result<std::string> read(const Uuid& approval) = 0;
  // Not an error: nothing is there. What cannot be erased now is tried again by keep_only().
  virtual void erase(const Uuid& approval) = 0;
  // Erases all others: what a crash left.
  virtual void keep_only(const std::set<Uuid>& approvals) = 0;
};

}  // namespace pawl
