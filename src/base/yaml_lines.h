// Does a text of a YAML file end where its writer thinks?
//
// Purpose:    YAML lets a plain or quoted text go on over several lines, so that a forgotten quote
//             swallows what follows, up to the next quote: a rule, say. Such texts are refused. One
//             over several lines is written as a block ("|" or ">"), which nobody writes by
//             mistake.
// Threading:  immutable; any thread. Ownership: borrows the text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pawl {

// What a message says of one that does not.
inline constexpr std::string_view kOverSeveralLines =
    "a text that does not end on its line; is a quote missing? Text over several lines is written "
    "as a block, after |";

class YamlLines {
 public:
  explicit YamlLines(std::string_view text);
  // `line` and `column` from 0, in bytes, of a scalar's first character; `value`: what was read.
  bool ends_on_its_line(std::size_t line, std::size_t column, std::string_view value) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;  // of each line
};

}  // namespace pawl
