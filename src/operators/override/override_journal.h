// The one place besides the ledger where a decision is kept: stops and revocations, in preallocated
// slots.
//
// Purpose:    a stop must be durable with a full disk and a ledger that cannot write. The file is
//             written in place, one sector of 512 bytes a stop, and read before any listener opens.
// Threading:  one thread at a time (the override thread).
// Errors:     record(): kOverloaded (no free slot), kIo. The stop is in force all the same.
// Not errors: an empty slot; lifting a stop that has no slot.
// Spare:      a revocation stays for good, and the ledger remembers it, too: once its record is
//             durable (in_ledger) its slot is free for whatever finds no other.
// Rule:       a slot that cannot be read means: start stopped (all).
// docs/formats/override_journal.md
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "operators/override/override.h"
#include "operators/override/revocation.h"

namespace pawl::override_ {

class OverrideJournal {
 public:
  static constexpr std::size_t kSlotBytes = 512;
  static constexpr std::size_t kSlots = 256;

  // Opens or preallocates the file. `stops` gets what is in force. Damaged slots add one stop of
  // `all`, whose reason counts them; only the absence of the whole file is a fresh start. What was
  // read is durable when it returns, whatever became of the syncs of whoever wrote it.
  static Result<std::unique_ptr<OverrideJournal>> open(Files& files, const std::string& path,
                                                       Clock& clock, std::vector<Stop>& stops);

  // The stop that stands for the slots that could not be read.
  static bool is_damage(const Stop& stop);
  // The first slot that cannot be read of the file's bytes; nullopt: all can. For the scrub, from
  // any thread: a slot that is being written may read as damaged, so look twice.
  static std::optional<std::size_t> damaged_slot(std::string_view bytes);

  bool holds(const Uuid& stop_id) const;  // as far as writes and erasures succeeded
  Status record(const Stop& stop);        // durable when it returns success
  Status record(const Revocation& revocation);
  Status erase(const Uuid& stop_id);  // durable when it returns success; of a revocation, too
  void in_ledger(const Uuid& revocation_id);
  // The revocations that open() found.
  std::vector<Revocation> take_revocations() { return std::exchange(revocations_, {}); }

 private:
  OverrideJournal(std::unique_ptr<File> file)
      : file_(std::move(file)), slots_(kSlots), spare_(kSlots) {}
  // False: damaged.
  bool load_slot(std::size_t slot, std::string_view bytes, std::vector<Stop>& stops);
  Status settle(Files& files, const std::string& path, std::string_view bytes);
  Status put(const Uuid& id, char kind, std::string_view body);
  Status write_slot(std::size_t slot, char kind, std::string_view body);
  Status make_durable();

  std::unique_ptr<File> file_;
  std::vector<std::optional<Uuid>> slots_;  // what each slot holds
  std::vector<bool> spare_;                 // the ledger holds it, too
  std::vector<Revocation> revocations_;     // found by open()
};

}  // namespace pawl::override_
