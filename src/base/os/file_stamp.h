// Which content stands under a path, without reading it.
//
// Purpose:    a reader that keeps what it read asks cheaply whether the file is another now. Prefer
//             this to a time of change alone: a file that was put in place of another is another.
// Threading:  a pure function over the file system.
// Errors:     kIo (the path cannot be looked at, for another reason than that nothing is there).
// Not errors: no file: a stamp of its own.
// Rule:       a file system tells times by ticks of some milliseconds, so a file that was changed
//             within the last second may be changed again under the same stamp: see settled_at().
//
// Example:    const Result<FileStamp> now = stamp_of(path);
//             if (!now || *now != read_at || !read_at.settled_at(clock.wall())) { read it }
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace pawl {

struct FileStamp {
  static constexpr std::int64_t kSettledUs = 1'000'000;

  bool is_there = false;
  std::uint64_t device = 0, inode = 0, mode = 0, owner = 0;
  std::int64_t size = 0, changed_ns = 0;  // st_ctim: nobody but a clock can set it

  // Whether nothing that came after this look can have the same stamp.
  bool settled_at(WallTime now) const {
    constexpr std::int64_t kNsPerUs = 1000;
    const std::int64_t age_us = now.us - changed_ns / kNsPerUs;
    return !is_there || age_us >= kSettledUs;
  }
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

Result<FileStamp> stamp_of(const std::string& path);

}  // namespace pawl
