#include "path/span.h"

namespace pawl {

std::string span_id_text(std::uint64_t id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[out.size() - 1 - i] = kDigits[id >> (4 * i) & 0xf];
  }
  return out;
}

}  // namespace pawl
