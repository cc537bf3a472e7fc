// What somebody was told, over all lives of an instance, and whether it is still true.
//
// Purpose:    a Life notes here what it acknowledged; check() compares a recovered instance with
//             it.
// Threading:  the test's thread.
// Claims:     a record that was acknowledged stands at its index of its log with its bytes; every
//             effect and every intent has exactly one record in all logs together, never a better
//             outcome than the upstream gave (a read whose record was not acknowledged may lack it
//             after a power cut); every checkpoint that anybody was shown is of the log that is
//             there; each log goes on from all of the one before; the head file is not older than
//             it was; a stop that was acknowledged as durable is in force until its resume was at
//             least asked for, and has its record; one whose resume was acknowledged is not; the
//             same of revocations and their lifts; keys and accounts are there; `verify` finds
//             nothing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/uuid.h"
#include "foundation/ledger/ledger.h"

namespace pawl::powercut {

struct Promises {
  struct Effect {
    bool answered = false;
    bool success = false;
    bool read_only = false;
    bool may_lack_record = false;  // a read whose note a power cut may have taken
    bool note_is_durable = false;  // of a read, after a renewal by hand
  };
  struct StopPromise {
    bool acknowledged = false;  // as durable
    bool resume_asked = false;
    bool resume_acknowledged = false;
  };

  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> records;  // by log and index
  std::map<Uuid, Effect> effects;  // what the upstream executed
  std::set<Uuid> asked;            // every call
  std::set<std::string> heads;     // checkpoints that somebody was shown
  std::string head_file;           // the newest that was kept there
  std::uint64_t logs = 1;          // of this many somebody was told
  std::map<Uuid, StopPromise> stops;
  std::map<Uuid, StopPromise> revocations;
  std::map<std::string, std::string> agents;  // id, bearer key
  std::string instance_kid;                   // since the first ready, or the last rotation
  bool rotating = false;                      // another one was asked for
  std::set<std::string> former_kids;          // of rotations that were acknowledged
  bool may_start_stopped = false;  // the power went while the override journal was written

  // Reads are noted and not synced (docs/adr/0012): their records may be lost in a power cut.
  void power_went() {
    for (auto& [id, effect] : effects) {
      effect.may_lack_record =
          effect.may_lack_record || (effect.read_only && !effect.note_is_durable);
    }
  }
};

// The logs as a reader finds them: the one in use, and those that it goes on from.
struct LogView {
  std::vector<std::string> tokens;
  std::map<std::uint64_t, std::set<std::string>> heads;  // by size: root and note
  std::map<std::uint64_t, Digest> roots;                 // of the entries, at every size
  std::optional<std::uint64_t> goes_on_from;             // entries of the log before
};
struct ChainView {
  struct Outcome {
    std::uint64_t log = 0, index = 0;
    std::string outcome;  // of the record's body; empty: none
  };
  std::map<std::uint64_t, LogView> logs;  // by number
  std::multimap<Uuid, Outcome> records;
  std::set<Uuid> intents;
  std::set<Uuid> stops_applied;  // with an override.applied record
  std::set<Uuid> revoked;        // with an identity.revoked record
};

// `data`: the data folder. Entries of the first log below `known` are compared, not parsed.
Result<ChainView> view_logs(Files& files, const std::string& data, std::uint64_t known);

// Empty: the logs keep every promise.
std::string check_logs(const Promises& promises, const ChainView& chain);
// `note`: what the head file holds before the next start; nullopt: it is not there.
std::string check_head_file(const Promises& promises, const std::optional<std::string>& note);

}  // namespace pawl::powercut
