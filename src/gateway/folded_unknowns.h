// Which outcomes nobody knows: a part of the fold.
//
// Threading:  plain value.
// Bounds:     kMost, the newest; the count counts all.
// Not errors: a resolution of one that is not waiting (it changes nothing).
#pragma once

#include <cstdint>
#include <vector>

#include "gateway/fold_part.h"

namespace pawl {

struct FoldedUnknowns {
  static constexpr std::size_t kMost = 100;

  std::uint64_t unknown_count = 0;
  // The newest records whose outcome is unknown and that nobody has resolved, for people.
  std::vector<Uuid> unknowns;

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record);
  // "unknown_count":N,"unknowns":[UUID...]
  void print_to(json::Object& out) const;
  static Result<FoldedUnknowns> read(const json::Value& state);
};

}  // namespace pawl
