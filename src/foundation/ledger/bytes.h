// Big-endian integers in byte strings, as every binary format of the ledger writes them.
// Threading: pure. The getters read the first bytes of `bytes`, which must be long enough.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pawl::ledger {

template <class Int>
void put_int(std::string& out, Int value) {
  for (int shift = static_cast<int>(sizeof(Int)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFF));
  }
}
template <class Int>
Int get_int(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
  }
  return static_cast<Int>(value);
}

inline void put_u16(std::string& out, std::uint16_t value) {
  put_int(out, value);
}
inline void put_u32(std::string& out, std::uint32_t value) {
  put_int(out, value);
}
inline void put_u64(std::string& out, std::uint64_t value) {
  put_int(out, value);
}
inline std::uint16_t get_u16(std::string_view bytes) {
  return get_int<std::uint16_t>(bytes);
}
inline std::uint32_t get_u32(std::string_view bytes) {
  return get_int<std::uint32_t>(bytes);
}
inline std::uint64_t get_u64(std::string_view bytes) {
  return get_int<std::uint64_t>(bytes);
}

}  // namespace pawl::ledger
