// Globs over names, paths and URIs.
//
// Purpose:    "*" stands for any run of bytes without "/", "**" for any run; "/**/" also for a
//             single "/". Every other byte stands for itself. The whole text must match.
// Threading:  immutable after construction.
// Errors:     make: kUnsupported for a glob above 2,048 bytes or one too large to compile.
// Cost:       linear in the text, whatever the glob.
//
// Example:
//   Glob::make("/srv/tickets/**")->matches("/srv/tickets/7/body.md");   // true
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace pawl::rules {

class Glob {
 public:
  static Result<Glob> make(std::string_view text);
  bool matches(std::string_view text) const;
  // The literal text before the first and after the last wildcard: what an index can use.
  const std::string& prefix() const { return prefix_; }
  const std::string& suffix() const { return suffix_; }
  bool matches_everything() const;
  // Pairs (below) that every matching text has: most texts fall without being read.
  std::uint64_t pairs() const;

 private:
  enum class Kind { kExact, kStar, kDoubleStar, kMixed };
  bool has_pieces(std::string_view run) const;

  Kind kind_ = Kind::kExact;
  std::string prefix_;
  std::string suffix_;
  std::shared_ptr<const re2::RE2> mixed_;  // more than one wildcard
  // kMixed without any "/": what stands between the wildcards. Over a text without "/" all
  // wildcards mean the same, so that searching these one after the other decides.
  std::vector<std::string> pieces_;
  bool flat_ = false;
};

// One bit for each two neighboring bytes of `text`, hashed to 63 bits.
std::uint64_t pairs_of(std::string_view text);
bool has_wildcard(std::string_view text);
// True when `text` may name another thing than it seems to: a segment "." or "..", also behind
// backslashes or percent-encoding, or a NUL. What a glob says about such a text is undecidable.
bool is_devious(std::string_view text);

}  // namespace pawl::rules
