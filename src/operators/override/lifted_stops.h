// The newest stops that were lifted: what a statement did once, it does not do again.
//
// Purpose:    a signed stop carries its own id, so whoever saw it could order it again after its
//             lift, as long as it lives; and the journal may still hold a slot that a crash kept.
//             A fold over the ledger's lifts, so it survives what the ledger survives.
// Threading:  plain value.
// Not errors: a lift that is known already.
// Rule:       at most kMost. One is forgotten only when no statement of its stop can live any more:
//             whoever lifts asks room_for() first, and stops never need room.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"

namespace pawl::override_ {

class LiftedStops {
 public:
  static constexpr std::size_t kMost = 1024;

  bool contains(const Uuid& stop) const;
  // False: `count` more would push out one whose statement may still live at `now`.
  bool room_for(std::size_t count, WallTime now) const;
  void add(const Uuid& stop, std::int64_t at_seconds);

  // Members "lifted" (UUIDs, oldest first) and "lifted_at" (seconds) of a state's JSON. Without the
  // second, as older versions wrote it, the lifts count as old.
  void print_to(json::Object& out) const;
  static LiftedStops read(const json::Value& state);

 private:
  struct Lift {
    Uuid stop;
    std::int64_t at_seconds = 0;
  };
  std::vector<Lift> lifts_;  // oldest first
};

}  // namespace pawl::override_
