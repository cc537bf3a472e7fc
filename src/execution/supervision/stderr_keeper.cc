#include "execution/supervision/stderr_keeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace pawl {

StderrKeeper::StderrKeeper(Files& files, std::string path, const StderrLimits& limits)
    : files_(files), path_(std::move(path)), limits_(limits), broken_(path_.empty()) {}

void StderrKeeper::add(std::string_view bytes) {
  tail_.append(bytes);
  if (tail_.size() > limits_.tail_bytes) {
    tail_.erase(0, tail_.size() - limits_.tail_bytes);
  }
  if (broken_) {
    return;
  }
  if (const Status written = write(bytes); !written) {
    broken_ = true;
    file_.reset();
    log(LogLevel::kWarn, "stderr_not_kept", {{"path", path_}, {"why", written.error().message}});
  }
}

Status StderrKeeper::open() {
  Result<std::unique_ptr<File>> file = files_.open(path_, OpenMode::kCreate);
  if (!file) {
    return fail(file.error());
  }
  const Result<std::uint64_t> size = (*file)->size();
  if (!size) {
    return fail(size.error());
  }
  file_ = std::move(*file);
  size_ = *size;
  return {};
}

Status StderrKeeper::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (file_ == nullptr) {
      if (Status opened = open(); !opened) {
        return opened;
      }
    }
    if (size_ >= limits_.max_file_bytes) {
      file_.reset();
      if (Status renamed = files_.rename(path_, path_ + ".1"); !renamed) {
        return renamed;
      }
      continue;
    }
    const std::size_t fits = static_cast<std::size_t>(
        std::min<std::uint64_t>(bytes.size(), limits_.max_file_bytes - size_));
    if (Status written = file_->write_at(size_, bytes.substr(0, fits)); !written) {
      return written;
    }
    size_ += fits;
    bytes.remove_prefix(fits);
  }
  return {};
}

}  // namespace pawl
