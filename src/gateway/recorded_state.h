// What the ledger last said of our own state: the configuration, who is enrolled, which local
// processes run. A part of the fold.
//
// Purpose:    a fold over records. A start compares it with what is so now, and records the
//             difference; so neither needs a walk through the log.
// Threading:  plain values.
// Bounds:     kMost processes, and kMost identities. A record beyond it is not folded: of so many
//             identities no more are recorded, and the end of such a process is not made up for.
// Not errors: an end of a process that did not begin, a removal of somebody who was not enrolled
//             (they change nothing).
// Source:     docs/formats/records.md: config.changed, identity.enrolled, identity.removed,
//             process.started, process.exited.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "gateway/fold_part.h"

namespace pawl {

struct RecordedState {
  static constexpr std::size_t kMost = 4096;

  struct Configuration {
    std::string digest;                           // empty: none was recorded
    std::map<std::string, std::string> sections;  // digests by name
  };
  struct Process {
    std::string server;
    std::string agent;  // of a wrapped one; empty: the gateway started it
  };

  Configuration configuration;
  std::map<std::string, std::string> enrolled;  // digest of what was recorded, by target
  std::map<Uuid, Process> processes;            // started, and not exited, by the record's id

  void apply(const FoldedRecord& record);
  // Whether apply() does anything for such a record.
  static bool has(std::string_view kind);

  // Into the snapshot's object, and out of it; what is missing there is empty.
  void print_to(json::Object& out) const;
  static RecordedState read(const json::Value& value);
};

struct FoldedState {
  RecordedState recorded;

  static bool has(std::string_view kind) { return RecordedState::has(kind); }
  void apply(const FoldedRecord& record) { recorded.apply(record); }
  // "config":{...},"enrolled":{...},"processes":[...]
  void print_to(json::Object& out) const { recorded.print_to(out); }
  static Result<FoldedState> read(const json::Value& state) {
    return FoldedState{RecordedState::read(state)};
  }
};

}  // namespace pawl
