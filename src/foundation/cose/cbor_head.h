// One head of a CBOR item at a time, by libcbor.
//
// Purpose:    the only file beside cbor_write.cc that knows the library.
// Threading:  pure functions.
// Errors:     kMalformed: cut off, reserved, or of a kind that is never read (cbor.h).
// Internal to src/foundation/cose.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace pawl::cbor {

struct Head {
  enum class Kind { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kFloat, kBool, kNull };
  Kind kind = Kind::kNull;
  std::uint64_t argument = 0;  // number (negative: -1 - argument), count, tag, 0 or 1
  double number = 0;           // of kFloat
  std::string_view content{};  // of kBytes and kText
  std::size_t size = 0;        // bytes read, the content among them
};

Result<Head> read_head(std::string_view bytes);

}  // namespace pawl::cbor
