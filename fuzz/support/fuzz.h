// What every fuzz target shares: a property that must hold, and inputs of several parts.
//
// Purpose:    a target turns bytes into calls and checks what must hold for every input.
// Threading:  one thread; libFuzzer calls LLVMFuzzerTestOneInput again and again.
// Not errors: input that a parser refuses. A broken property ends the process; libFuzzer then
//             keeps the input.
//
// Example:
//   const auto [rules, call] = fuzz::parts<2>(input);
//   FUZZ_CHECK(read(print(value)) == value, "a printed value reads back");
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#define FUZZ_CHECK(c, why)                                                                    \
  do {                                                                                        \
    if (!(c)) {                                                                               \
      std::fprintf(stderr, "%s:%d: broken property: %s (%s)\n", __FILE__, __LINE__, why, #c); \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)

namespace pawl::fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A line of its own, so that a corpus stays readable.
inline constexpr std::string_view kPartEnd = "\n%%\n";

// The parts between lines "%%"; the last takes what is left, absent ones are empty.
template <std::size_t kCount>
std::array<std::string_view, kCount> parts(std::string_view input) {
  std::array<std::string_view, kCount> out{};
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::size_t end = i + 1 < kCount ? input.find(kPartEnd) : std::string_view::npos;
    out[i] = input.substr(0, end);
    input = end == std::string_view::npos ? "" : input.substr(end + kPartEnd.size());
  }
  return out;
}

// At most so many lines; what stands behind them is left out.
inline std::vector<std::string> lines(std::string_view text, std::size_t most) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() < most) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace pawl::fuzz
