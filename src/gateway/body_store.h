// Where the bodies go that do not fit into a record.
//
// Purpose:    a record has room for so much; of a larger body it holds the digest, and here the
// whole
//             of it is kept.
// Threading:  the I/O thread, which is not kept waiting for a disk.
// Not errors: a body that is not kept: the record is made all the same, and does not say that it
// was.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/uuid.h"

namespace pawl {

class BodyStore {
 public:
  virtual ~BodyStore() = default;
  // Before the record goes to the ledger. Answers with what it is erased with ("body/2026-11");
  // empty: it was not kept.
  virtual std::string keep(const Uuid& record, std::string_view body, WallTime at) = 0;
};

}  // namespace pawl
