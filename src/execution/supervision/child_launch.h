// The parent's side of a start: pipes, environment, the search of PATH, fork.
//
// Threading:  the I/O thread. All memory the child reads is made before the fork.
// Ownership:  the caller owns the descriptors and the process; the guard knows its group.
// Errors:     those of ChildProcess::start.
#pragma once

#include <unistd.h>

#include <utility>

#include "execution/supervision/child_process.h"

namespace pawl {

// Closes what it holds.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = other.release();
    }
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  void close() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int fd_ = -1;
};

struct Launched {
  pid_t pid = -1;
  Descriptor input;    // of the child: we write
  Descriptor output;   // we read
  Descriptor errors;   // we read
  Descriptor report;   // an ExecFailure, or its end
  Descriptor process;  // pidfd: readable when it ended
  Descriptor go;       // the program runs once a byte was written; closed: it never does
};

Result<Launched> launch_child(const ChildOptions& options, OrphanGuard& guard);

}  // namespace pawl
