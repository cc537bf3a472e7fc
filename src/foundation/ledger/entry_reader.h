// Entries in order, straight from the segments: for somebody who reads a whole log.
//
// Purpose:    a bundle (C2SP tlog-tiles) without derived files and with little memory. Where a read
//             ended is remembered, so that who reads bundle after bundle has each segment read
//             once; a read from anywhere else passes over the segment that holds it from its
//             beginning.
// Threading:  one thread at a time; beside the log's writer, for entries that are durable.
// Ownership:  Files outlives it.
// Errors:     kNotFound (the segments end before), kBadSignature (damage, with its place), kIo.
//             Entries are not compared with the tree: who gets them does that with a checkpoint.
//
// Example:
//   EntryReader reader(files, folder.ledger());
//   reader.read(512, 256)                       // entries 512 to 767
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace pawl::ledger {

class EntryReader {
 public:
  EntryReader(Files& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  Result<std::vector<std::string>> read(std::uint64_t first, std::uint64_t count);
  const std::string& folder() const { return folder_; }
  std::uint64_t looked_at() const { return looked_at_; }  // entries read or passed over

 private:
  struct Place {  // of a frame
    std::uint64_t segment = 1;
    std::uint64_t offset = 0;
    std::uint64_t entry = 0;  // number of the next one
  };
  Result<Place> start_of(std::uint64_t first);
  Result<std::string> window_at(const Place& place) const;
  Status enter_next_segment(Place& place) const;

  Files& files_;
  const std::string folder_;
  std::list<Place> ends_;  // where reads ended, the newest first
  std::uint64_t looked_at_ = 0;
};

}  // namespace pawl::ledger
