#include "execution/supervision/stderr_file.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace pawl {

StderrFile::StderrFile(Files& files, std::string path, std::uint64_t max_bytes)
    : files_(files), path_(std::move(path)), max_bytes_(max_bytes) {}

void StderrFile::add(std::string_view bytes) {
  if (broken_) {
    return;
  }
  if (const Status written = write(bytes); !written) {
    broken_ = true;
    file_.reset();
    log(LogLevel::kWarn, "stderr_not_kept", {{"path", path_}, {"why", written.error().message}});
  }
}

Status StderrFile::open() {
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

Status StderrFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (file_ == nullptr) {
      if (Status opened = open(); !opened) {
        return opened;
      }
    }
    if (size_ >= max_bytes_) {
      file_.reset();
      if (Status renamed = files_.rename(path_, path_ + ".1"); !renamed) {
        return renamed;
      }
      continue;
    }
    const std::size_t fits =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), max_bytes_ - size_));
    if (Status written = file_->write_at(size_, bytes.substr(0, fits)); !written) {
      return written;
    }
    size_ += fits;
    bytes.remove_prefix(fits);
  }
  return {};
}

}  // namespace pawl
