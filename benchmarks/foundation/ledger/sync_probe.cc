// What this disk asks for one durable write: pwrite and fdatasync of N bytes, into a file that was
// written ahead with zeros, as the ledger's segments are. The floor under every durable record.
// Beside it the same by File::append_durably, which is how the ledger writes.
//
// Usage: sync_probe FOLDER BYTES SYNCS   prints one JSON object.
// A new file is used and removed. Numbers are microseconds.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/files.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAhead = 16u << 20;  // a segment

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

void write_at(int fd, const std::string& bytes, std::size_t offset) {
  if (::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
      static_cast<ssize_t>(bytes.size())) {
    give_up("pwrite");
  }
}

void sync(int fd) {
  if (::fdatasync(fd) != 0) {
    give_up("fdatasync");
  }
}

// Microseconds of each of `count` appends to a file of pawl's own.
std::vector<double> appends(const std::string& path, const std::string& bytes, std::size_t count) {
  const auto file = pawl::system_files().open(path, pawl::OpenMode::kCreateOnly);
  if (!file || !(*file)->write_at(0, std::string(kAhead, '\0')) || !(*file)->sync()) {
    give_up("append_durably");
  }
  std::vector<double> us;
  us.reserve(count);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    if (!(*file)->append_durably(offset, bytes)) {
      give_up("append_durably");
    }
    us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    offset = offset + 2 * bytes.size() <= kAhead ? offset + bytes.size() : 0;
  }
  ::unlink(path.c_str());
  std::sort(us.begin(), us.end());
  return us;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: sync_probe FOLDER BYTES SYNCS\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/sync_probe." + std::to_string(::getpid());
  const std::size_t size = std::strtoul(argv[2], nullptr, 10);
  const std::size_t syncs = std::strtoul(argv[3], nullptr, 10);
  if (size == 0 || size > kAhead || syncs == 0) {
    std::fprintf(stderr, "sync_probe: 1..%zu bytes, at least one sync\n", kAhead);
    return 2;
  }
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    give_up(path.c_str());
  }
  write_at(fd, std::string(kAhead, '\0'), 0);
  sync(fd);

  const std::string bytes(size, 'x');
  std::vector<double> us;
  us.reserve(syncs);
  std::size_t offset = 0;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < syncs; ++i) {
    const auto start = Clock::now();
    write_at(fd, bytes, offset);
    sync(fd);
    us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    offset = offset + 2 * size <= kAhead ? offset + size : 0;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  ::close(fd);
  ::unlink(path.c_str());

  const std::vector<double> appended = appends(path, bytes, syncs);
  std::sort(us.begin(), us.end());
  std::printf(
      "{\"bytes\":%zu,\"syncs\":%zu,\"per_second\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"append_"
      "p50_us\":%.1f}\n",
      size, syncs, static_cast<double>(syncs) / seconds, percentile(us, 0.5), percentile(us, 0.99),
      percentile(appended, 0.5));
  return 0;
}
