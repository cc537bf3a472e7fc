// The log that the daemon writes: how it is opened, and how it ends and goes on as the next one.
//
// Purpose:    everything that belongs to one log, and to no other: the ledger, its scrub, and what
//             it goes on from. prepare_next() and go_on() are the switch to the next log in a
//             running daemon (docs/formats/renewal.md); who calls them has paused the recorder.
// Threading:  the I/O thread.
// Ownership:  what the parts name outlives it.
// Errors:     open(): as Ledger::open, and kBadSignature: opened.json is not what the log began
//             with. prepare_next(): nothing has changed, the log goes on. go_on(): there is no log
//             any more; only a new start may go on, and it ends the switch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/scrub_service.h"
#include "base/scheduler.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/ledger.h"
#include "foundation/ledger/renewal.h"
#include "gateway/decisions.h"

namespace pawl {

// The fold begins with opened.json, so its decisions must be those that the first record names; and
// entries that are gone must be gone by the word of a record. kBadSignature.
Status check_beginning(Files& files, const std::string& folder, const ledger::Ledger& ledger,
                       const std::optional<ledger::Opened>& opened);

class OpenLog {
 public:
  struct Parts {
    Files& files;
    Clock& clock;
    Scheduler& scheduler;
    const Config& config;
    const Keystore& keys;
    DataFolder folder;
    ledger::Options options;                    // origin, reserve and head file are filled in here
    std::function<void()> renew_snapshot;       // on any thread
    std::function<bool()> stopped_for_journal;  // likewise, see ScrubService
  };
  explicit OpenLog(Parts parts) : parts_(std::move(parts)) {}

  // `decisions` gets what is in force; `recovery` also has the intents that were open in the log
  // before, when this one has no record yet.
  Status open(Decisions& decisions, ledger::Recovery& recovery);
  ledger::Ledger& ledger() const { return *ledger_; }
  ScrubService& scrub() const { return *scrub_; }
  void start_scrub();
  std::uint64_t number() const { return opened_ ? opened_->number : 1; }

  // Of the first record; and what has to be appended before it.
  json::Object opened_body() const;
  std::vector<ledger::Intent> owed() const;

  // The log is as large or as old as the configuration lets it become.
  bool is_full() const;
  // While nothing that was appended waits for its answer.
  Status prepare_next(const Decisions& decisions);
  Status go_on(Decisions& decisions);

 private:
  void note_age();

  Parts parts_;
  std::optional<ledger::Opened> opened_;  // this log goes on from another one
  std::vector<ledger::Intent> found_open_;
  std::int64_t began_s_ = 0;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ScrubService> scrub_;
};

}  // namespace pawl
