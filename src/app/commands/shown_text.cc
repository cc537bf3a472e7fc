#include "app/commands/shown_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace pawl {
namespace {

struct Range {
  std::uint32_t first, last;
};
// Unicode 15: format characters (Cf), line and paragraph separators, blank letters and fillers,
// variation selectors, tags, private use, noncharacters at the end of the plane.
constexpr std::array kHidden = {
    Range{0x0000, 0x001f},   Range{0x007f, 0x009f},   Range{0x00ad, 0x00ad},
    Range{0x034f, 0x034f},   Range{0x0600, 0x0605},   Range{0x061c, 0x061c},
    Range{0x06dd, 0x06dd},   Range{0x070f, 0x070f},   Range{0x0890, 0x0891},
    Range{0x08e2, 0x08e2},   Range{0x115f, 0x1160},   Range{0x17b4, 0x17b5},
    Range{0x180b, 0x180f},   Range{0x200b, 0x200f},   Range{0x2028, 0x202e},
    Range{0x2060, 0x206f},   Range{0x2800, 0x2800},   Range{0x3164, 0x3164},
    Range{0xd800, 0xf8ff},   Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},
    Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},   Range{0xfffe, 0xffff},
    Range{0x110bd, 0x110bd}, Range{0x110cd, 0x110cd}, Range{0x13430, 0x1345f},
    Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a}, Range{0xe0000, 0x10ffff}};

bool hidden(std::uint32_t point) {
  return std::any_of(kHidden.begin(), kHidden.end(),
                     [&](Range r) { return point >= r.first && point <= r.last; });
}

// The length of the UTF-8 sequence at the front and its code point; 0: not UTF-8.
std::size_t decode(std::string_view text, std::uint32_t& point) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80           ? 1
                           : (lead >> 5) == 0x06 ? 2
                           : (lead >> 4) == 0x0e ? 3
                           : (lead >> 3) == 0x1e ? 4
                                                 : 0;
  if (size == 0 || size > text.size()) {
    return 0;
  }
  point = size == 1 ? lead : lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next >> 6) != 0x02) {
      return 0;
    }
    point = (point << 6) | (next & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  return point >= kSmallest[size] && point <= 0x10ffff ? size : 0;
}

std::string escaped(const char* form, unsigned value) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), form, value);
  return out.data();
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    if (out.size() > max_bytes) {
      return out + "...";
    }
    std::uint32_t point = 0;
    const std::size_t size = decode(text, point);
    if (size == 0) {
      out += escaped("\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (text[0] == '\\') {
      out += "\\\\";
    } else if (hidden(point)) {
      out += escaped(point < 0x80 ? "\\x%02x" : "\\u{%04x}", point);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
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
