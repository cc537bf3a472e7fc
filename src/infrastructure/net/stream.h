// One connection, plain or TLS: non-blocking reads and writes on a watched socket.
//
// Purpose:    what servers and clients have in common below HTTP.
// Threading:  the loop's own thread.
// Ownership:  owns the socket; the listener outlives the stream or is replaced.
//
// Example:
//   Stream stream(loop, fd, *this);
//   stream.want_read();                  // -> on_readable()
//   Io io = stream.read(buffer, size);
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>

#include "infrastructure/net/fd_watch.h"
#include "infrastructure/net/io.h"
#include "infrastructure/net/tls.h"

namespace pawl {

class Stream {
 public:
  Stream(EventLoop& loop, int fd, FdEvents& events)
      : watch_(std::make_unique<FdWatch>(loop, fd, events)) {}

  void start_tls(std::unique_ptr<TlsSession> session) { tls_ = std::move(session); }
  TlsSession* tls() { return tls_.get(); }

  Io read(char* buffer, std::size_t size);
  // At most one system call; TLS takes at most 16 KiB of the parts.
  Io write(const iovec* parts, int count);
  void want_read();
  void want_write();
  void unwant_read();
  void set_events(FdEvents& events) { watch_->set_events(events); }
  void shut_down_sending();  // TLS close_notify, then FIN
  void reset_on_close();     // closing then discards unsent bytes (RST)
  // Closes the socket now; reads and writes fail from then on, wishes are ignored.
  void close();
  bool closed() const { return watch_ == nullptr; }
  int fd() const { return watch_->fd(); }

 private:
  std::unique_ptr<FdWatch> watch_;  // null: closed; outlives the session on its descriptor
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace pawl
