#include "infrastructure/identity/loopback.h"

#include <algorithm>
#include <cctype>

namespace pawl::identity {
namespace {

// Takes a decimal octet without leading zeros from the front; false when there is none.
bool take_octet(std::string_view& text, int& octet) {
  std::size_t digits = 0;
  octet = 0;
  while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9') {
    octet = octet * 10 + (text[digits] - '0');
    ++digits;
  }
  const bool good = digits > 0 && octet <= 255 && (digits == 1 || text.front() != '0');
  text.remove_prefix(digits);
  return good;
}

bool is_loopback_v4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    int octet = 0;
    if (!take_octet(text, octet) || (part == 0 && octet != 127)) {
      return false;
    }
    if (part < 3) {
      if (!text.starts_with('.')) {
        return false;
      }
      text.remove_prefix(1);
    }
  }
  return text.empty();
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  const bool is_name = std::equal(host.begin(), host.end(), kName.begin(), kName.end(),
                                  [](unsigned char a, char b) { return std::tolower(a) == b; });
  return is_name || host == "::1" || host == "[::1]" || is_loopback_v4(host);
}

}  // namespace pawl::identity
