// Records what local processes of servers begin and how they end: process.started, process.exited.
//
// Purpose:    no program of a server runs before its start is durable in the ledger, and every
//             start has an end: how it exited, or that nobody saw it (docs/formats/records.md).
// Threading:  the I/O thread.
// Ownership:  the recorder outlives it. What it gives out may outlive it, and does nothing then.
// Privacy:    the program's name, how many words follow, and their digest; no word, no variable.
// Errors:     of a start, kEvidenceUnavailable: it is not recorded, and nothing may run. An end
//             that cannot be recorded is logged; the next start of the gateway records `unknown`.
// Not errors: a second end of one process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "execution/supervision/child_process.h"
#include "gateway/recorder.h"

namespace pawl {

// What the ledger is told of a command.
struct CommandFacts {
  std::string program;        // its first word
  std::size_t arguments = 0;  // how many follow
  std::string hash;           // of all words, argv_hash()
};
CommandFacts command_facts(const std::vector<std::string>& words);

struct ProcessEnd {
  std::string_view end = "unknown";  // or "exited", "signaled", "not_run"
  std::string_view why;              // "itself", "asked", "killed"; of unknown: "shim_left", ...
  int number = 0;                    // the status or signal
  std::string detail;                // of not_run
};
ProcessEnd process_end(const ChildExit& exit);

class ProcessRecords : public std::enable_shared_from_this<ProcessRecords> {
 public:
  explicit ProcessRecords(Recorder& recorder) : recorder_(recorder) {}

  struct Start {
    std::string server;
    std::string agent;  // whose shim starts it; empty: we do
    CommandFacts command;
  };
  // The id of the record, and then whether it is durable.
  Uuid starting(const Start& start, std::function<void(Status)> recorded);
  void ended(const Uuid& id, const ProcessEnd& end);

  // Of one child of ours.
  std::shared_ptr<ChildWatch> watch(const std::string& server,
                                    const std::vector<std::string>& command);
  // Ends as `unknown`, `shim_left`, when it is dropped before ended() told more.
  std::shared_ptr<void> held(const Uuid& id);

  std::size_t running() const { return running_.size(); }
  // Called once, at the latest when the last one has ended.
  void when_none(std::function<void()> then);
  // Nothing is recorded from here on.
  void close() { is_closed_ = true; }

 private:
  struct Running {
    Start start;
    bool is_durable = false;
    std::optional<ProcessEnd> end;  // it came before its start was durable
  };
  void record_end(const Uuid& id, const Start& start, const ProcessEnd& end);
  void started(const Uuid& id, const Status& durable);

  Recorder& recorder_;
  std::map<Uuid, Running> running_;
  std::map<std::string, std::uint64_t> starts_;  // by server, since this gateway began
  std::function<void()> when_none_;
  bool is_closed_ = false;
};

}  // namespace pawl
