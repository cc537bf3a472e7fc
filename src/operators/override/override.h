// Stops in force: the pure core of the override (gap 7; draft-nennemann-agent-override-protocol).
//
// Purpose:    hold the set of stops, take in stop and resume, replay from records.
// Threading:  plain values; the shell publishes immutable snapshots (gateway/stop_board.h).
// Errors:     resume: kNotFound (no such stop), kBadSignature / kForbidden are the API's.
// Not errors: stopping what is already stopped (a second stop with its own id).
// Rule:       a stop ends only by a resume that names its id, so a replayed resume lifts nothing
// new.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "operators/override/scope.h"

namespace pawl::override_ {

struct Stop {
  Uuid id;
  Scope scope;
  std::string reason;
  std::string by;  // operator's name, or how the request came ("control-socket uid 1000")
  WallTime at;
};

class StopSet {
 public:
  // nullptr: nothing in force covers it. The first in order of stopping is named.
  const Stop* covering(const Action& action, std::string_view domain) const;
  const Stop* covering(const Caller& caller, std::string_view server,
                       std::string_view domain) const;
  const Stop* find(const Uuid& id) const;
  const std::vector<Stop>& all() const { return stops_; }

  void apply_stop(Stop stop);            // idempotent by id
  bool apply_lift(const Uuid& stop_id);  // false: was not in force

 private:
  std::vector<Stop> stops_;
};

// The JSON form used in records, in the journal and in snapshots:
// {"id":UUID,"scope":"agent:x","reason":"...","by":"...","at":MICROSECONDS}
json::Object print_stop(const Stop& stop);
Result<Stop> read_stop(const json::Value& value);

}  // namespace pawl::override_
