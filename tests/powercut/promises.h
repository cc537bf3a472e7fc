// What somebody was told, over all lives of an instance, and whether it is still true.
//
// Purpose:    a Life notes here what it acknowledged; check() compares a recovered instance with
// it. Threading:  the test's thread. Claims:     a record that was acknowledged stands at its index
// with its bytes; every effect and
//             every intent has exactly one record, never a better outcome than the upstream gave
//             (a read whose record was not acknowledged may lack it after a power cut);
//             every checkpoint that anybody was shown is of the tree that is there; a stop that was
//             acknowledged as durable is in force until its resume was at least asked for, and has
//             its record; one whose resume was acknowledged is not; keys and accounts are there;
//             `verify` finds nothing.
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
  };
  struct StopPromise {
    bool acknowledged = false;  // as durable
    bool resume_asked = false;
    bool resume_acknowledged = false;
  };

  std::map<std::uint64_t, std::string> records;  // acknowledged: index, token
  std::map<Uuid, Effect> effects;                // what the upstream executed
  std::set<Uuid> asked;                          // every call
  std::set<std::string> heads;                   // checkpoints that somebody was shown
  std::map<Uuid, StopPromise> stops;
  std::map<std::string, std::string> agents;  // id, bearer key
  std::string instance_kid;                   // since the first ready
  bool may_start_stopped = false;  // the power went while the override journal was written

  // Reads are noted and not synced (docs/adr/0012): their records may be lost in a power cut.
  void power_went() {
    for (auto& [id, effect] : effects) {
      effect.may_lack_record = effect.may_lack_record || effect.read_only;
    }
  }
  void record(std::uint64_t index, std::string token) { records.emplace(index, std::move(token)); }
};

// The log as a reader finds it.
struct LogView {
  struct Outcome {
    std::uint64_t index = 0;
    std::string outcome;  // of the record's body; empty: none
  };
  std::vector<std::string> tokens;
  std::multimap<Uuid, Outcome> records;
  std::set<Uuid> intents;
  std::set<Uuid> stops_applied;                          // with an override.applied record
  std::map<std::uint64_t, std::set<std::string>> heads;  // by size: root and note
  std::map<std::uint64_t, Digest> roots;                 // of the entries, at every size
};

// Entries below `known` are compared, not parsed.
Result<LogView> view_log(Files& files, const std::string& folder, std::uint64_t known);

// Empty: the log keeps every promise.
std::string check_log(const Promises& promises, const LogView& log);

}  // namespace pawl::powercut
