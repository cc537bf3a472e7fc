// UUIDs (RFC 9562): version 7 for records (time-ordered), version 8 for derived workflow ids.
//
// Threading:  plain values.
// Example:    Uuid id = Uuid::v7(clock.wall(), random);  id.text() == "01890a5d-ac96-774b-..."
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace pawl {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static Uuid v7(WallTime now, Random& random);
  // Version 8 over the first 16 bytes of `digest` (at least 16 bytes; normally SHA-256).
  static Uuid v8(std::string_view digest);
  // 36 characters, hyphenated. Upper case is accepted and read as lower case.
  static Result<Uuid> parse(std::string_view text);

  std::string text() const;  // lowercase, hyphenated
  bool is_nil() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

}  // namespace pawl

template <>
struct std::hash<pawl::Uuid> {
  std::size_t operator()(const pawl::Uuid& id) const noexcept {
    std::uint64_t half[2];
    std::memcpy(half, id.bytes.data(), sizeof half);
    const std::uint64_t mixed = (half[0] ^ (half[1] << 32 | half[1] >> 32)) * 0x9e3779b97f4a7c15ULL;
    return mixed ^ mixed >> 32;
  }
};
