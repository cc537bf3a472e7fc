// The lines of the C2SP text formats.
// Threading: pure.
#pragma once

#include <optional>
#include <string_view>

namespace pawl::ledger {

// Takes one line off the front; nullopt when there is no newline.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace pawl::ledger
