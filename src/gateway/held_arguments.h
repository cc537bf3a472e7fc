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
  // The same of arguments that a person put in their place; `digest` (43 characters) is theirs.
  // Keeping the same ones again is no error. At most kMostChanged for one approval: kOverloaded.
  static constexpr std::size_t kMostChanged = 16;
  virtual Status keep_changed(const Uuid& approval, std::string_view digest,
                              std::string_view params, WallTime now) = 0;
  virtual Result<std::string> read_changed(const Uuid& approval, std::string_view digest) = 0;
  // Both kinds. Not an error: nothing is there. What cannot be erased now is tried again by
  // keep_only().
  virtual void erase(const Uuid& approval) = 0;
  // Erases all others: what a crash left.
  virtual void keep_only(const std::set<Uuid>& approvals) = 0;
};

}  // namespace pawl
