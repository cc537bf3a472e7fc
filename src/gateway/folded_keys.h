// Which keys may sign records: a part of the fold.
//
// Threading:  plain value.
// Errors:     read(): kMalformed.
// Not errors: a record that may not say what it says: it was refused when it was written, and in a
//             log that others wrote it changes nothing.
#pragma once

#include "foundation/keys/key_validity.h"
#include "gateway/fold_part.h"

namespace pawl {

struct FoldedKeys {
  KeyValidity keys;

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record);
  // "keys":[...]
  void print_to(json::Object& out) const;
  static Result<FoldedKeys> read(const json::Value& state);
};

}  // namespace pawl
