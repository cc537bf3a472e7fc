// Signals as a descriptor: a handler may only write, so it writes the number into a pipe.
// Threading: construct, read and destroy on one thread; signals may arrive on any.
// Bounds:    one at a time in a process. Ownership: owns the pipe; gives each signal its default
//            back at the end.
#pragma once

#include <csignal>
#include <optional>

namespace pawl {

class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void catch_signal(int signal);
  int fd() const { return pipe_[0]; }  // readable when one arrived
  std::optional<int> next();           // nullopt: none waits

 private:
  int pipe_[2] = {-1, -1};
  bool caught_[NSIG] = {};
};

}  // namespace pawl
