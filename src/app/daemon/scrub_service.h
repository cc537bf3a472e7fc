// The background scrub of a running daemon: pass after pass, slowly, for ever.
//
// Purpose:    one thread of lowest priority reads what is recorded again, at a configured rate;
//             what it finds bad stops new governed actions (Ledger::hold) until a later pass finds
//             all whole. Queries, stops and verification go on. A thread and not slices on the I/O
//             thread, because a read of a cold or dying disk takes as long as it takes.
// Threading:  turn() by one thread (the one of start(), or a test's); the rest from any thread.
// Ownership:  what the parts name outlives it. The destructor joins.
// Errors:     none upward: the result stands in status(), the gauges, the log, and DATA/ledger's
//             file scrub.json, so that a restart does not forget damage.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/mutex.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/scrub.h"

namespace pawl {

struct ScrubSettings {
  std::int64_t mib_per_s = 4;  // 0: only when somebody asks
  std::int64_t pause_s = 600;  // between two passes
};

class ScrubService {
 public:
  struct Parts {
    Files& files;
    Clock& clock;
    ledger::Ledger& ledger;
    std::string journal;  // the override journal's file
    std::string memory;   // what the last pass found
    std::function<void()> renew_snapshot;
    // Everything is stopped because of slots of the journal that the start could not read. While it
    // is, they are no news.
    std::function<bool()> stopped_for_journal;
  };
  // Holds the ledger at once when the last pass before a restart ended bad.
  ScrubService(Parts parts, ScrubSettings settings);
  ~ScrubService();

  void start();
  // A pass from the beginning, at full speed. Answers with its number: it is over when
  // status()["passes"] has reached it.
  std::uint64_t ask();
  // One slice; answers with how long to wait before the next.
  std::chrono::microseconds turn();

  json::Object status() const;
  using Gauge = std::function<void(std::string_view name, double value)>;
  void gauges(const Gauge& set) const;

 private:
  enum class Result { kNone, kGood, kBad, kUnreadable };
  struct State {
    Result result = Result::kNone;
    std::uint64_t passes = 0;  // ended, since the start
    std::uint64_t repaired = 0;
    std::int64_t ended_us = 0;  // wall time
    std::optional<ledger::Damage> damage;
    std::string unreadable;
    ledger::Position at, end;  // of the pass under way, or the last one
    bool running = false;
  };
  static std::string_view result_name(Result result);
  void recall();
  void remember(const State& state);
  bool begin_pass(BootTime now);
  void end_pass(const Status& outcome);
  Status check_journal();
  void apply(const State& before, const State& after);
  std::int64_t age_s(const State& state) const;
  void run();

  const Parts parts_;
  const ScrubSettings settings_;
  const std::int64_t began_us_;  // wall time

  // Of the turning thread.
  std::unique_ptr<ledger::ScrubPass> pass_;
  BootTime next_pass_{0};
  bool fast_ = false;
  std::optional<std::size_t> damaged_slot_;  // of the journal, by the pass that ends

  mutable Mutex mutex_;
  CondVar changed_;
  State state_ PAWL_GUARDED_BY(mutex_);
  bool asked_ PAWL_GUARDED_BY(mutex_) = false;
  bool closing_ PAWL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pawl
