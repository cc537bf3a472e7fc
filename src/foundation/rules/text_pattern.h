// An RE2 expression of the whole text, as `matches` asks it.
//
// Purpose:    the answer of RE2::FullMatch. Where the expression only asks that something stands
//             anywhere (".*X.*"), a search for X says the same, starts at X's first bytes and ends
//             at the first place; so most texts are not read to their end.
// Threading:  immutable after construction.
// Errors:     make: what schema::compile_re2 says of the expression.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::rules {

class TextPattern {
 public:
  static Result<std::unique_ptr<const TextPattern>> make(const std::string& expression);
  bool matches(std::string_view text) const;

 private:
  std::unique_ptr<RE2> whole_;
  std::unique_ptr<RE2> anywhere_;  // X of ".*X.*"; nullptr: the expression is another
};

}  // namespace pawl::rules
