// The stops and revocations in force, and those that were lifted: a part of the fold.
//
// Threading:  plain value.
// Errors:     read(): kMalformed: an entry that cannot be read, or no list of stops or lifts; such
// a
//             state is not used, for one stop too few would let something pass.
// Source:     docs/formats/records.md: override.applied, override.lifted, identity.revoked,
//             identity.restored.
#pragma once

#include "gateway/fold_part.h"
#include "operators/override/lifted_stops.h"
#include "operators/override/override.h"
#include "operators/override/revocation.h"

namespace pawl {

struct FoldedOverrides {
  override_::StopSet stops;
  override_::RevokedSet revoked;
  override_::LiftedStops lifted;  // and revocations

  static bool has(std::string_view kind);
  void apply(const FoldedRecord& record);
  // "stops":[...],"revoked":[...],"lifted":[UUID...],"lifted_at":[SECONDS...]
  void print_to(json::Object& out) const;
  static Result<FoldedOverrides> read(const json::Value& state);
};

}  // namespace pawl
