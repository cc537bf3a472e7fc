#include "base/yaml_lines.h"

namespace pawl {
namespace {

// `rest` begins behind the opening quote and ends with the line.
bool is_closed(std::string_view rest, char quote) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (quote == '"' && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < rest.size() && rest[i + 1] == quote;
      if (!doubled) {
        return true;
      }
      ++i;
    }
  }
  return false;
}

}  // namespace

YamlLines::YamlLines(std::string_view text) : text_(text), begins_{0} {
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    begins_.push_back(at + 1);
  }
}

bool YamlLines::ends_on_its_line(std::size_t line, std::size_t column,
                                 std::string_view value) const {
  if (line >= begins_.size()) {
    return value.empty();
  }
  const std::size_t begin = begins_[line];
  const std::string_view whole = text_.substr(begin, text_.find('\n', begin) - begin);
  if (column >= whole.size()) {
    return value.empty();
  }
  const std::string_view rest = whole.substr(column);
  switch (rest.front()) {
    case '"':
    case '\'':
      return is_closed(rest.substr(1), rest.front());
    case '|':
    case '>':
      return true;
    default:
      return rest.starts_with(value);
  }
}

}  // namespace pawl
