// What a child writes to its standard error: the last words, and a bounded file.
//
// Purpose:    keep up to two files of at most `max_file_bytes` (PATH and PATH.1) and the newest
//             bytes in memory. Never synced: these are notes, not records.
// Threading:  the I/O thread.
// Not errors: a file that can't be written (told once in the log; the tail goes on).
//
// Example: StderrKeeper keeper(system_files(), "data/servers/files/stderr.log", {});
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"

namespace pawl {

struct StderrLimits {
  std::uint64_t max_file_bytes = 1024 * 1024;
  std::size_t tail_bytes = 4096;
};

class StderrKeeper {
 public:
  // An empty `path`: no file. Its folder must exist.
  StderrKeeper(Files& files, std::string path, const StderrLimits& limits);
  void add(std::string_view bytes);
  const std::string& tail() const { return tail_; }

 private:
  Status write(std::string_view bytes);
  Status open();

  Files& files_;
  const std::string path_;
  const StderrLimits limits_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  bool broken_ = false;
  std::string tail_;
};

}  // namespace pawl
