#include "foundation/ledger/in_flight.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "foundation/ledger/frame.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/token_check.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kUuidBytes = 16;

std::string encode_slot(const Intent& intent, std::uint64_t entries) {
  std::string out;
  out.reserve(frame_size(kUuidBytes + intent.body.size()));
  put_frame(out, FrameKind::kIntent, false, entries, {bytes_of(intent.id), intent.body});
  return out;
}

std::optional<InFlightJournal::Found> decode_slot(std::string_view slot) {
  const FrameRead read = read_frame(slot, 0);
  if (read.what != FrameRead::What::kFrame || read.frame.kind != FrameKind::kIntent ||
      read.frame.body.size() <= kUuidBytes) {
    return std::nullopt;
  }
  const Uuid id = uuid_of(read.frame.body);
  return InFlightJournal::Found{{id, std::string(read.frame.body.substr(kUuidBytes))},
                                read.frame.batch};
}

const std::string& empty_slots() {
  static const std::string zeros(InFlightJournal::kSlotBytes * InFlightJournal::kGrowSlots, '\0');
  return zeros;
}

}  // namespace

Result<std::unique_ptr<InFlightJournal>> InFlightJournal::open(Files& files,
                                                               const std::string& path,
                                                               std::vector<Found>& found) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreate);
  if (!file) {
    return fail_at("in-flight journal", file.error());
  }
  const Result<std::uint64_t> size = (*file)->size();
  const Result<std::string> bytes =
      size ? (*file)->read_at(0, std::min<std::uint64_t>(*size, kSlotBytes * kMaxSlots))
           : Result<std::string>(fail(size.error()));
  if (!bytes) {
    return fail_at("in-flight journal", bytes.error());
  }
  for (std::size_t at = 0; at < bytes->size(); at += kSlotBytes) {
    if (auto note = decode_slot(std::string_view(*bytes).substr(at, kSlotBytes))) {
      found.push_back(*std::move(note));
    }
  }
  return std::unique_ptr<InFlightJournal>(new InFlightJournal(*std::move(file)));
}

Status InFlightJournal::clear() {
  slots_.clear();
  free_.clear();
  return file_->truncate(0);
}

Status InFlightJournal::grow() {
  if (slots_.size() >= kMaxSlots) {
    return fail(Code::kOverloaded, "in-flight journal: all slots hold open calls");
  }
  const std::size_t first = slots_.size();
  if (Status written = file_->write_at(first * kSlotBytes, empty_slots()); !written) {
    return fail_at("in-flight journal", written.error());
  }
  slots_.resize(first + kGrowSlots);
  for (std::size_t slot = slots_.size(); slot > first; --slot) {
    free_.push_back(slot - 1);
  }
  return {};
}

Result<InFlightJournal::Slot> InFlightJournal::note(Intent intent, std::uint64_t entries) {
  if (frame_size(kUuidBytes + intent.body.size()) > kSlotBytes) {
    return fail(Code::kTooLarge, "in-flight journal: the intent does not fit a slot");
  }
  if (free_.empty()) {
    if (Status grown = grow(); !grown) {
      return fail(grown.error());
    }
  }
  const Slot slot = free_.back();
  Status written = file_->write_within(slot * kSlotBytes, encode_slot(intent, entries));
  slots_[slot] = {std::move(intent), entries, written.has_value(), true};
  if (!written) {
    return fail(written.error());
  }
  free_.pop_back();
  return slot;
}

void InFlightJournal::release(Slot slot) {
  slots_[slot].open = false;
  free_.push_back(slot);
}

// Best effort: a note that stays too long costs recovery a longer look, nothing else.
void InFlightJournal::tick(std::uint64_t entries) {
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    Held& held = slots_[slot];
    if (held.open && held.entries != entries) {
      held.entries = entries;
      (void)write(slot);
    } else if (!held.open && held.on_disk) {
      held.on_disk = !file_->write_at(slot * kSlotBytes, empty_slots().substr(0, kSlotBytes));
    }
  }
}

Status InFlightJournal::begin_anew() {
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    Held& held = slots_[slot];
    Status written;
    if (held.open) {
      held.entries = 0;
      written = write(slot);
    } else if (held.on_disk) {
      written = file_->write_at(slot * kSlotBytes, empty_slots().substr(0, kSlotBytes));
      held.on_disk = !written;
    }
    if (!written) {
      return written;
    }
  }
  return file_->sync();
}

// Over a note that is open: by a system call, which a killed process leaves whole.
Status InFlightJournal::write(Slot slot) {
  const Held& held = slots_[slot];
  if (Status written = file_->write_at(slot * kSlotBytes, encode_slot(held.intent, held.entries));
      !written) {
    return fail_at("in-flight journal", written.error());
  }
  return {};
}

Status rewrite_notes(Files& files, const std::string& path, const std::vector<Intent>& notes) {
  std::string bytes;
  for (const Intent& note : notes) {
    bytes += encode_slot(note, 0);
    bytes.resize((bytes.size() + InFlightJournal::kSlotBytes - 1) / InFlightJournal::kSlotBytes *
                 InFlightJournal::kSlotBytes);
  }
  return write_file(files, path, bytes);
}

Result<std::vector<Intent>> without_outcome(std::vector<InFlightJournal::Found> found,
                                            const Ledger& ledger) {
  std::uint64_t from = ledger.size();
  for (const InFlightJournal::Found& note : found) {
    from = std::min(from, note.entries);
  }
  std::unordered_set<std::string> recorded;
  for (std::uint64_t index = from; !found.empty() && index < ledger.size(); ++index) {
    const Result<std::string> token = ledger.entry(index);
    if (!token) {
      return fail(token.error());
    }
    recorded.insert(check_token(*token, std::nullopt, nullptr).id);
  }
  std::vector<Intent> out;
  for (InFlightJournal::Found& note : found) {
    if (recorded.insert(note.intent.id.text()).second) {
      out.push_back(std::move(note.intent));
    }
  }
  return out;
}

}  // namespace pawl::ledger
