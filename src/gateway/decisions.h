// The decisions that survive a restart: a fold over records (design, section 3).
//
// Purpose:    apply(state, record) rebuilds what is in force: stops, revocations, the rule set's
//             digest, the tasks whose end is still to be recorded, and which keys may sign. Replay
//             emits nothing and gives the same state in every later version.
// Threading:  plain value; the I/O thread applies.
// Format:     the snapshot's JSON: {"stops":[...],"lifted":[UUID...],"lifted_at":[SECONDS...],
//             "revoked":[...],"policy":"...",
//             "last_iat":SECONDS,"unknown_count":N,"unknowns":[UUID...],"tasks":[...],
//             "keys":[...],"config":{...},"enrolled":{...},"processes":[...]}.
#pragma once

#include <string>
#include <string_view>

#include "foundation/keys/key_validity.h"
#include "gateway/followed_tasks.h"
#include "gateway/recorded_state.h"
#include "operators/override/lifted_stops.h"
#include "operators/override/override.h"
#include "operators/override/revocation.h"

namespace pawl {

struct Decisions {
  static constexpr std::uint32_t kFoldVersion = 5;

  override_::StopSet stops;
  override_::RevokedSet revoked;
  override_::LiftedStops lifted;  // and revocations
  std::string policy_digest;
  std::int64_t last_iat = 0;  // seconds; the recorder's time goes on from here
  std::uint64_t unknown_count = 0;
  // The newest records whose outcome is unknown and that nobody has resolved, for people.
  std::vector<Uuid> unknowns;
  FollowedTasks tasks;
  KeyValidity keys;
  RecordedState recorded;

  // One record of the log, by its index. A token that is not a Pawl record changes nothing.
  void apply(std::uint64_t index, std::string_view token);
  // The same for a record just made: does nothing, cheaply, for the many that change no decision.
  // `leaves_open`: see RecordDraft.
  void apply_if_state(std::string_view kind, bool leaves_open, std::uint64_t index,
                      std::string_view token);
  std::string print() const;
  static Result<Decisions> read(std::string_view text);
};

}  // namespace pawl
