// Newline-framed messages over descriptors: the stdio of a child, a shim's Unix socket, pipes.
//
// Purpose:    one bounded, gated, back-pressured line transport for everything that is not HTTP.
// Threading:  the loop's own thread. Callbacks run on it and never inside the call that caused
// them. Ownership:  a channel owns its descriptors and closes them; the loop outlives the channel.
//             Destroying a channel drops its queue; no callback runs afterwards. A callback may
//             destroy the channel.
// Errors:     on_closed tells once why: kCancelled (the peer closed in order), kIo, kTooLarge (a
//             line over the limit), kStopped (a gate closed in the middle of a line, after which
//             the framing is lost), kMalformed (the last line had no newline).
// Not errors: an empty line (skipped); a line that ends in CR LF (the CR is removed).
//
// Example:
//   auto channel = make_line_channel(loop, from_child, to_child, LineLimits{});
//   channel->on_line([&](std::string line) { ... });
//   channel->send(R"({"jsonrpc":"2.0",...})", gate, [&](LineFate fate) { ... });
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/write_gate.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/net/unix_credentials.h"

namespace pawl {

struct LineLimits {
  std::size_t max_line_bytes = 4 * 1024 * 1024;     // a longer line received closes the channel
  std::size_t max_queued_bytes = 16 * 1024 * 1024;  // a line sent over it is kNotSent
};

enum class LineFate {
  kWritten,    // every byte of the line was handed to the kernel
  kNotSent,    // no byte of it was: the gate refused, the queue is full, or the channel is closed
  kMaybeSent,  // some bytes were, then the gate refused or the peer went: the outcome is unknown
};

class LineChannel {
 public:
  virtual ~LineChannel() = default;
  // Queues one line. `line` holds no newline (one that does is kNotSent). Each write of it happens
  // inside gate->pass(); `gate` may be null for bytes that nothing governs. `done` may be empty;
  // else it is called exactly once, unless the channel is destroyed first. A refusal before the
  // line's first byte drops this line alone, and the channel goes on.
  virtual void send(std::string line, std::shared_ptr<WriteGate> gate,
                    std::function<void(LineFate)> done) = 0;
  // Reading starts when this is set.
  virtual void on_line(std::function<void(std::string)> handler) = 0;
  // Not called after close(). Lines received before the end are delivered first.
  virtual void on_closed(std::function<void(Error)> handler) = 0;
  // Closes the descriptors; queued lines get their fate, later.
  virtual void close() = 0;
  // Closes only the sending side once the queue is written (a child sees the end of its input).
  virtual void close_sending() = 0;
  virtual bool is_open() const = 0;
  virtual std::size_t queued_bytes() const = 0;
  // Stops and restarts the delivery of lines; at most one read buffer is kept meanwhile.
  virtual void pause() = 0;
  virtual void resume() = 0;
};

// Takes the descriptors (they may be equal: a socket) and makes them non-blocking; the flag is put
// back when the channel closes, because a terminal's description is shared with other processes.
std::unique_ptr<LineChannel> make_line_channel(EventLoop& loop, int read_fd, int write_fd,
                                               const LineLimits& limits);

// Connects to a listening Unix socket. Errors: kUpstreamUnavailable (nobody listens), kIo.
Result<std::unique_ptr<LineChannel>> unix_connect(EventLoop& loop, const std::string& path,
                                                  const LineLimits& limits);

// Accepts line channels on a Unix socket.
// Ownership: removes the socket file when destroyed; channels it gave out live on.
class UnixServer {
 public:
  using Accepted = std::function<void(std::unique_ptr<LineChannel>, UnixCredentials)>;
  virtual ~UnixServer() = default;
  // `mode`: permission bits of the socket file. A socket file left by a dead process is replaced.
  //   Errors: kConflict (somebody listens there, or the path is not a socket), kIo.
  static Result<std::unique_ptr<UnixServer>> listen(EventLoop& loop, const std::string& path,
                                                    unsigned mode, const LineLimits& limits,
                                                    Accepted accepted);
};

}  // namespace pawl
