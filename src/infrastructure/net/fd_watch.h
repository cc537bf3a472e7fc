// Readiness of one non-blocking descriptor, told to one listener.
//
// Purpose:    the only bridge from sockets and pipes to the event loop: who is told reads or writes
//             with its own system calls, so that no write is ever pending outside a gate.
// Threading:  the loop's own thread.
// Ownership:  owns and closes the descriptor. The listener outlives the watch, or is replaced; it
//             may destroy the watch from within a call.
// Not errors: a call although nothing is ready (the system call then says EAGAIN); descriptors
//             that cannot be polled, regular files for one, are always ready.
//
// Example:
//   FdWatch watch(loop, fd, *this);
//   watch.want_read();        // on_readable() follows once, later
#pragma once

#include <memory>

#include "infrastructure/net/event_loop.h"

namespace pawl {

class FdEvents {
 public:
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;

 protected:
  ~FdEvents() = default;
};

class FdWatch {
 public:
  FdWatch(EventLoop& loop, int fd, FdEvents& events);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  int fd() const;
  void want_read();   // one call of on_readable(); asking twice is asking once
  void want_write();  // one call of on_writable()
  // Told from within on_readable(): all that was there has been read, so that the next wish to read
  // needs no question to the kernel. Never wrong to leave out; wrong when bytes were left.
  void drained();
  void want_read_now();  // on_readable() from the loop at once, whatever the descriptor says
  void unwant_read();
  void set_events(FdEvents& events);  // pending wishes then go to the new listener

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pawl
