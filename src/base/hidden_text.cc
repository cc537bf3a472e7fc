#include "base/hidden_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace pawl {
namespace {

struct Range {
  std::uint32_t first, last;
};
constexpr std::array kHidden = {
    Range{0x0000, 0x001f},   Range{0x007f, 0x00a0},   Range{0x00ad, 0x00ad},
    Range{0x034f, 0x034f},   Range{0x0600, 0x0605},   Range{0x061c, 0x061c},
    Range{0x06dd, 0x06dd},   Range{0x070f, 0x070f},   Range{0x0890, 0x0891},
    Range{0x08e2, 0x08e2},   Range{0x115f, 0x1160},   Range{0x1680, 0x1680},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x2000, 0x200f},
    Range{0x2028, 0x202f},   Range{0x205f, 0x206f},   Range{0x2800, 0x2800},
    Range{0x3000, 0x3000},   Range{0x3164, 0x3164},   Range{0xd800, 0xf8ff},
    Range{0xfdd0, 0xfdef},   Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},
    Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},   Range{0x110bd, 0x110bd},
    Range{0x110cd, 0x110cd}, Range{0x13430, 0x1345f}, Range{0x1bca0, 0x1bca3},
    Range{0x1d159, 0x1d159}, Range{0x1d173, 0x1d17a}, Range{0xe0000, 0x10ffff}};
// That take no room of their own: of Latin, Greek, Cyrillic, Hebrew, Arabic, Thai, Kana, symbols.
constexpr std::array kMarks = {
    Range{0x0300, 0x036f}, Range{0x0483, 0x0489}, Range{0x0591, 0x05bd}, Range{0x05bf, 0x05bf},
    Range{0x05c1, 0x05c2}, Range{0x05c4, 0x05c5}, Range{0x05c7, 0x05c7}, Range{0x0610, 0x061a},
    Range{0x064b, 0x065f}, Range{0x0670, 0x0670}, Range{0x06d6, 0x06dc}, Range{0x06df, 0x06e4},
    Range{0x06e7, 0x06e8}, Range{0x06ea, 0x06ed}, Range{0x0e31, 0x0e31}, Range{0x0e34, 0x0e3a},
    Range{0x0e47, 0x0e4e}, Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x20d0, 0x20ff},
    Range{0x302a, 0x302f}, Range{0x3099, 0x309a}, Range{0xfe20, 0xfe2f}};
constexpr int kMostMarks = 2;  // an accent, and one more

template <class Ranges>
bool is_in(const Ranges& ranges, std::uint32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [point](Range r) { return point >= r.first && point <= r.last; });
}

bool is_noncharacter(std::uint32_t point) {
  return (point & 0xfffe) == 0xfffe;  // the last two of each plane
}

std::uint32_t code_point(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  std::uint32_t out = sequence.size() == 1 ? lead : lead & (0x7fu >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    out = (out << 6) | (static_cast<unsigned char>(sequence[i]) & 0x3fu);
  }
  return out;
}

}  // namespace

Character HiddenText::next(std::string_view rest) {
  const std::size_t size = utf8_sequence_size(rest);
  if (size == 0) {
    marks_ = 0;
    return {};
  }
  const std::uint32_t point = code_point(rest.substr(0, size));
  marks_ = is_in(kMarks, point) ? marks_ + 1 : 0;
  return {point, size, is_in(kHidden, point) || is_noncharacter(point) || marks_ > kMostMarks};
}

std::string escape_hidden(std::string_view text, AppendEscape append) {
  std::string out;
  out.reserve(text.size());
  HiddenText look;
  while (!text.empty()) {
    const Character one = look.next(text);
    const std::size_t size = std::max<std::size_t>(one.size, 1);
    if (one.is_hidden && one.point > 0x7e) {
      append(out, one.point);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace pawl
