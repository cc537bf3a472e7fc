// Where the salts of digests come from.
//
// Threading:  the I/O thread, which may wait for the disk when a key is made: once a month, and
//             after an erasure.
// Errors:     key_for: none can be had; then nothing may be forwarded whose digest needs one. salt:
//             the key was erased (kNotFound), or is lost.
// Not errors: a key of the month before where a new one cannot be made: it is as good.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

class DigestSalts {
 public:
  virtual ~DigestSalts() = default;
  // The id of the key for what is recorded now; durable.
  virtual Result<std::string> key_for(WallTime now) = 0;
  // 32 bytes. `of`: which digest of the record, a name of names::kSalted*.
  virtual Result<std::string> salt(const std::string& key, const Uuid& record,
                                   std::string_view of) = 0;
};

}  // namespace pawl
