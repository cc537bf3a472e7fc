// What a pruned log still has: the minimum index, and the entries below it that are kept
// (docs/formats/minimum.md).
//
// Purpose:    entries below the minimum index were deleted under a written retention; the tiles
//             over them stay, so every proof stays valid. Who reads a log asks here first.
// Threading:  pure over Files.
// Errors:     kBadSignature (a file is not what it must be), kUnsupported (a newer one), kIo.
// Not errors: no file `minimum`: nothing was pruned.
// Trust:      these files are not signed. The record that they name is: it states the minimum
//             index and the hash of the kept entries, and each kept entry is a leaf of the tree.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/uuid.h"
#include "foundation/ledger/segment.h"

namespace pawl::ledger {

struct Minimum {
  std::uint64_t index = 0;         // entries below it are gone; a multiple of 256, at least 256
  Position at;                     // where the first segment that is kept begins; at.size <= index
  Uuid record;                     // `ledger.pruned`, which says so
  std::uint64_t record_index = 0;  // of it in this log, above `index`
};

// By index: entries below the minimum index that state what is still in force.
using KeptEntries = std::map<std::uint64_t, std::string>;

struct Pruned {
  Minimum minimum;
  KeptEntries kept;
  std::string kept_hash;  // of the file, as the record states it
  // How many entries are gone.
  std::uint64_t gone() const { return minimum.index - kept.size(); }
};

// In a ledger folder or a bundle.
std::string minimum_path(const std::string& folder);
// Of the pruning that the record at this index states: what is kept, and the decisions that the
// entries led to (a signed snapshot of that size; not in a bundle).
std::string kept_path(const std::string& folder, std::uint64_t record_index);
std::string base_path(const std::string& folder, std::uint64_t record_index);
// Whether a file of a ledger folder is one of these, of another pruning.
bool is_left_over(std::string_view name, const Minimum& minimum);

std::string print_minimum(const Minimum& minimum);
Result<Minimum> parse_minimum(std::string_view text);
Result<std::optional<Minimum>> read_minimum(Files& files, const std::string& folder);
// Of what a path is (source.h); its errors, too.
Result<std::optional<Minimum>> minimum_at(Files& files, const std::string& path);

// Each entry: index (8 bytes), length (2 bytes), both big-endian, and the entry's bytes.
std::string print_kept(const KeptEntries& kept);
Result<KeptEntries> parse_kept(std::string_view bytes);
std::string hash_of_kept(std::string_view bytes);
Result<std::optional<Pruned>> read_pruned(Files& files, const std::string& folder);

// Why there is no such entry.
std::string pruned_text(std::uint64_t index, const Minimum& minimum);

}  // namespace pawl::ledger
