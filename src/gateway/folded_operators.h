// Who is enrolled to decide on held calls: a part of the fold.
//
// Threading:  plain value.
// Not errors: a record whose statement says something impossible (it changes nothing).
// Source:     docs/formats/enrollment.md.
#pragma once

#include "gateway/fold_part.h"
#include "operators/approval/enrollment.h"

namespace pawl {

struct FoldedOperators {
  approval::EnrolledOperators operators;

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record);
  // "operators":{...}; left out before the first
  void print_to(json::Object& out) const;
  static Result<FoldedOperators> read(const json::Value& state);
};

}  // namespace pawl
