#include "operators/override/override_journal.h"

#include <algorithm>

#include "base/limit_stat.h"
#include "foundation/crypto/sha256.h"

namespace pawl::override_ {
namespace {

// Slot: "PWLJ" version(1) kind(1) length(2, big-endian) body padding sha256(32) of all before it.
constexpr std::string_view kMagic = "PWLJ";
constexpr char kVersion = 1;
constexpr char kFree = 0, kStop = 1, kRevocation = 2;
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kSumBytes = 32;
constexpr std::string_view kDamage = "the override journal is damaged at ";
constexpr std::size_t kMaxBody = OverrideJournal::kSlotBytes - kHeaderBytes - kSumBytes;

std::string encode_slot(char kind, std::string_view body) {
  std::string out(kMagic);
  out.push_back(kVersion);
  out.push_back(kind);
  out.push_back(static_cast<char>(body.size() >> 8));
  out.push_back(static_cast<char>(body.size() & 0xff));
  out.append(body);
  out.resize(OverrideJournal::kSlotBytes - kSumBytes, '\0');
  const Digest sum = sha256(out);
  out.append(view(sum));
  return out;
}

// nullopt: damaged. An empty text: a free slot.
std::optional<std::string_view> decode_slot(std::string_view slot) {
  const std::string_view covered = slot.substr(0, slot.size() - kSumBytes);
  if (slot.size() != OverrideJournal::kSlotBytes || !slot.starts_with(kMagic) ||
      slot[4] != kVersion || view(sha256(covered)) != slot.substr(covered.size())) {
    return std::nullopt;
  }
  const std::size_t length =
      static_cast<unsigned char>(slot[6]) * 256u + static_cast<unsigned char>(slot[7]);
  if (length > kMaxBody || (slot[5] == kFree) != (length == 0)) {
    return std::nullopt;
  }
  return slot.substr(kHeaderBytes, length);
}

// The reason and the name are for people: what does not fit the slot is cut, and said so.
template <class Kept>
std::string body_that_fits(Kept kept, json::Object (*print)(const Kept&)) {
  std::string body = json::print(print(kept));
  while (body.size() > kMaxBody && (!kept.reason.empty() || !kept.by.empty())) {
    std::string& longest = kept.reason.size() >= kept.by.size() ? kept.reason : kept.by;
    longest.resize(longest.size() / 2);
    while (!longest.empty() && (static_cast<unsigned char>(longest.back()) & 0x80) != 0) {
      longest.pop_back();
    }
    body = json::print(print(kept));
  }
  return body;
}

// One stop for all slots that could not be read, so that one resume writes them all anew. A new id
// at each start: a lift that the ledger knows of an earlier damage does not lift this one.
Stop stop_everything(const std::vector<std::size_t>& damaged, WallTime now) {
  const std::string name =
      "override-journal-slot-" + std::to_string(damaged.front()) + "-" + std::to_string(now.us);
  const Digest digest = sha256(name);
  const std::string where = damaged.size() == 1
                                ? "slot " + std::to_string(damaged.front())
                                : std::to_string(damaged.size()) + " slots, the first is " +
                                      std::to_string(damaged.front());
  return Stop{Uuid::v8(view(digest)), Scope{}, std::string(kDamage) + where + "; started stopped",
              "pawl", now};
}

LimitStat override_slots("override_slots");

}  // namespace

Result<std::unique_ptr<OverrideJournal>> OverrideJournal::open(Files& files,
                                                               const std::string& path,
                                                               Clock& clock,
                                                               std::vector<Stop>& stops) {
  if (!files.exists(path)) {
    std::string fresh;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      fresh += encode_slot(kFree, "");
    }
    if (Status made = write_file(files, path, fresh); !made) {
      return fail_at("override journal", made.error());
    }
  }
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kReadWrite);
  if (!file) {
    return fail_at("override journal", file.error());
  }
  std::unique_ptr<OverrideJournal> journal(new OverrideJournal(*std::move(file)));
  const Result<std::string> bytes = journal->file_->read_at(0, kSlots * kSlotBytes);
  std::vector<std::size_t> damaged;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const bool there = bytes && bytes->size() >= (slot + 1) * kSlotBytes;
    const std::string_view text =
        there ? std::string_view(*bytes).substr(slot * kSlotBytes, kSlotBytes) : std::string_view{};
    if (!journal->load_slot(slot, text, stops)) {
      damaged.push_back(slot);
    }
  }
  if (!damaged.empty()) {
    stops.push_back(stop_everything(damaged, clock.wall()));
    for (const std::size_t slot : damaged) {
      journal->slots_[slot] = stops.back().id;
    }
  }
  if (Status settled = journal->settle(files, path, bytes.value_or(std::string())); !settled) {
    return fail_at("override journal", settled.error());
  }
  return journal;
}

// Written again, not only synced: after a failed sync the kernel calls pages clean that never
// reached the disk.
Status OverrideJournal::settle(Files& files, const std::string& path, std::string_view bytes) {
  for (std::size_t slot = 0; slot < kSlots && (slot + 1) * kSlotBytes <= bytes.size(); ++slot) {
    if (slots_[slot]) {
      const std::size_t at = slot * kSlotBytes;
      if (Status written = file_->write_at(at, bytes.substr(at, kSlotBytes)); !written) {
        return written;
      }
    }
  }
  if (Status synced = file_->sync(); !synced) {
    return synced;
  }
  return files.sync_directory(directory_of(path));
}

bool OverrideJournal::load_slot(std::size_t slot, std::string_view bytes,
                                std::vector<Stop>& stops) {
  const std::optional<std::string_view> body = bytes.empty() ? std::nullopt : decode_slot(bytes);
  if (!body) {
    return false;
  }
  if (body->empty()) {
    return true;
  }
  const Result<json::Parsed> parsed = json::parse(*body);
  if (bytes[5] == kRevocation) {
    Result<Revocation> revocation = parsed ? read_revocation(parsed->value) : fail(parsed.error());
    if (revocation) {
      slots_[slot] = revocation->id;
      revocations_.push_back(*std::move(revocation));
    }
    return slots_[slot].has_value();
  }
  const Result<Stop> stop = parsed ? read_stop(parsed->value) : fail(parsed.error());
  if (stop) {
    slots_[slot] = stop->id;
    stops.push_back(*stop);
  }
  return stop.has_value();
}

bool OverrideJournal::is_damage(const Stop& stop) {
  return stop.by == "pawl" && stop.scope.kind == ScopeKind::kAll &&
         stop.reason.starts_with(kDamage);
}

std::optional<std::size_t> OverrideJournal::damaged_slot(std::string_view bytes) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const std::size_t begin = slot * kSlotBytes;
    if (bytes.size() < begin + kSlotBytes || !decode_slot(bytes.substr(begin, kSlotBytes))) {
      return slot;
    }
  }
  return std::nullopt;
}

Status OverrideJournal::record(const Stop& stop) {
  return put(stop.id, kStop, body_that_fits(stop, &print_stop));
}

Status OverrideJournal::record(const Revocation& revocation) {
  const std::string body = body_that_fits(revocation, &print_revocation);
  return body.size() <= kMaxBody
             ? put(revocation.id, kRevocation, body)
             : fail(Code::kTooLarge, "override journal: what is revoked does not fit a slot");
}

Status OverrideJournal::put(const Uuid& id, char kind, std::string_view body) {
  const auto free = std::find(slots_.begin(), slots_.end(), std::nullopt);
  const auto spare = std::find(spare_.begin(), spare_.end(), true);
  if (free == slots_.end() && spare == spare_.end()) {
    override_slots.reached();
    return fail(Code::kOverloaded, "override journal: all 256 slots hold a stop; resume some");
  }
  const std::size_t slot = static_cast<std::size_t>(free != slots_.end() ? free - slots_.begin()
                                                                         : spare - spare_.begin());
  Status written = write_slot(slot, kind, body);
  written = written ? make_durable() : written;
  if (written) {
    slots_[slot] = id;
    spare_[slot] = false;
  }
  return written;
}

void OverrideJournal::in_ledger(const Uuid& revocation_id) {
  const auto found = std::find(slots_.begin(), slots_.end(), std::optional(revocation_id));
  if (found != slots_.end()) {
    spare_[static_cast<std::size_t>(found - slots_.begin())] = true;
  }
}

bool OverrideJournal::holds(const Uuid& stop_id) const {
  return std::find(slots_.begin(), slots_.end(), std::optional(stop_id)) != slots_.end();
}

// A stop for damaged slots holds many: one sync for all.
Status OverrideJournal::erase(const Uuid& stop_id) {
  Status erased;
  for (std::size_t slot = 0; erased && slot < slots_.size(); ++slot) {
    if (slots_[slot] == stop_id) {
      spare_[slot] = false;
      erased = write_slot(slot, kFree, "");
    }
  }
  erased = erased ? make_durable() : erased;
  if (erased) {
    std::replace(slots_.begin(), slots_.end(), std::optional(stop_id), std::optional<Uuid>());
  }
  return erased;
}

Status OverrideJournal::write_slot(std::size_t slot, char kind, std::string_view body) {
  Status written = file_->write_at(slot * kSlotBytes, encode_slot(kind, body));
  return written ? written : fail_at("override journal", written.error());
}

Status OverrideJournal::make_durable() {
  Status synced = file_->sync();
  return synced ? synced : fail_at("override journal", synced.error());
}

}  // namespace pawl::override_
