// What servers write to their standard error, in a bounded file.
//
// Purpose:    keep the newest in two files, PATH and PATH.1, of at most `max_bytes` each. Never
//             synced: these are notes, not records. Several children of one server share one.
// Threading:  the I/O thread.
// Not errors: a file that can't be written (told once in the log; the children go on).
//
// Example: auto notes = std::make_shared<StderrFile>(system_files(),
// "data/servers/files/stderr.log");
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"

namespace pawl {

class StderrFile {
 public:
  static constexpr std::uint64_t kMaxBytes = 1024 * 1024;

  // The folder of `path` must exist when the first bytes come.
  StderrFile(Files& files, std::string path, std::uint64_t max_bytes = kMaxBytes);
  void add(std::string_view bytes);

 private:
  Status write(std::string_view bytes);
  Status open();

  Files& files_;
  const std::string path_;
  const std::uint64_t max_bytes_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  bool broken_ = false;
};

}  // namespace pawl
