#include "app/commands/shown_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "base/hidden_text.h"

namespace pawl {
namespace {

std::string escaped(const char* form, unsigned value) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), form, value);
  return out.data();
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t max_bytes) {
  std::string out;
  HiddenText look;
  while (!text.empty()) {
    if (out.size() > max_bytes) {
      return out + "...";
    }
    const Character one = look.next(text);
    if (one.size == 0) {
      out += escaped("\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (text[0] == '\\') {
      out += "\\\\";
    } else if (one.is_hidden) {
      out += escaped(one.point < 0x80 ? "\\x%02x" : "\\u{%04x}", one.point);
    } else {
      out += text.substr(0, one.size);
    }
    text.remove_prefix(std::max<std::size_t>(one.size, 1));
  }
  return out;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string out = std::to_string(count) + " " + std::string(noun);
  if (count != 1 && out.ends_with("ry")) {  // entry
    out.replace(out.size() - 1, 1, "ies");
  } else if (count != 1) {
    out += "s";
  }
  return out;
}

}  // namespace pawl
