// Notes of forwarded calls that change nothing: they survive a killed process, not a power cut.
//
// Purpose:    a call to a read-only tool does not wait for a durable intent, and still leaves a
//             record when the process dies under it. A note is one write into the page cache.
// Threading:  one thread at a time (the I/O thread).
// Ownership:  Files outlives the journal; a Slot is a plain number, valid until release().
// Errors:     note(): kTooLarge (the intent does not fit a slot), kIo. Nothing may be forwarded on
//             the strength of a failed note; the caller takes a durable intent instead.
// Not errors: a damaged or torn slot: nothing was forwarded on it, or the machine lost its power.
// Format:     docs/formats/in_flight.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/ledger/ledger.h"

namespace pawl::ledger {

class InFlightJournal {
 public:
  static constexpr std::size_t kSlotBytes = 2048;
  static constexpr std::size_t kGrowSlots = 64;     // written ahead at once
  static constexpr std::size_t kMaxSlots = 65'536;  // read at most; one more is refused
  using Slot = std::size_t;

  // A note that was there at open(). Its outcome, if any, is an entry with an index >= `entries`.
  struct Found {
    Intent intent;
    std::uint64_t entries = 0;
  };

  // Opens or makes the file. `found` gets what a process before left behind; it stays in the file
  // until clear(), so that a crash before its records are durable loses nothing.
  static Result<std::unique_ptr<InFlightJournal>> open(Files& files, const std::string& path,
                                                       std::vector<Found>& found);

  // To be called once what open() found is recorded, before the first note.
  Status clear();

  // `entries`: how many entries the ledger has now.
  Result<Slot> note(Intent intent, std::uint64_t entries);
  // The outcome is durable, or nothing was forwarded. The next note may take the slot.
  void release(Slot slot);
  // About once a second: takes released notes off the disk and renews the count of entries of those
  // that stay open, so that recovery looks through seconds of entries and not through days.
  // `entries`: at most the index of any entry of which nobody has been told yet.
  void tick(std::uint64_t entries);
  // Before the ledger goes on as a new one, whose entries are counted from 0: durable, so that no
  // note of the old one comes back.
  Status begin_anew();

 private:
  struct Held {
    Intent intent;
    std::uint64_t entries = 0;
    bool open = false;
    bool on_disk = false;
  };
  explicit InFlightJournal(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Status grow();
  Status write(Slot slot);

  std::unique_ptr<File> file_;
  std::vector<Held> slots_;
  std::vector<Slot> free_;  // last in, first out: few slots are hot
};

// Puts these notes, and no others, into a journal that no process has open: for the log that goes
// on next, whose entries are counted from 0. Durable, and at once.
Status rewrite_notes(Files& files, const std::string& path, const std::vector<Intent>& notes);

// The intents among `found` that have no entry yet. Errors: those of Ledger::entry.
Result<std::vector<Intent>> without_outcome(std::vector<InFlightJournal::Found> found,
                                            const Ledger& ledger);

}  // namespace pawl::ledger
