#include "base/json_depth.h"

#include <algorithm>

namespace pawl::json {

// Few texts have as many brackets as that takes, so that most are only counted.
bool nests_deeper_than(std::string_view text, std::size_t levels) {
  const auto most = static_cast<std::ptrdiff_t>(levels);
  if (std::count(text.begin(), text.end(), '{') + std::count(text.begin(), text.end(), '[') <=
      most) {
    return false;
  }
  std::ptrdiff_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size() && depth <= most; ++i) {
    const char c = text[i];
    if (in_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text) {
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
  }
  return depth > most;
}

}  // namespace pawl::json
