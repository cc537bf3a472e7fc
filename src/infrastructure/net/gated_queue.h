// Bytes waiting to be written, each under the gate it was queued with.
//
// Purpose:    one write path for server answers and client requests: every system call happens
//             inside the gate's pass(), and neighbours under the same gate share one call.
// Threading:  the loop's own thread.
// Ownership:  owns bytes and gates until written or cleared.
//
// Example:
//   queue.push(std::move(head), gate);
//   queue.push(std::move(body), gate);
//   switch (queue.flush([&](const iovec* parts, int count) { return stream.write(parts, count); }))
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/write_gate.h"
#include "infrastructure/net/io.h"

namespace pawl {

class GatedQueue {
 public:
  enum class Flushed {
    kAll,            // the queue is empty
    kBlocked,        // wait for writability, then flush again
    kBlockedOnRead,  // wait for readability, then flush again
    kRefused,  // the gate of the first bytes refused; nothing of them was written by this call
    kFailed,   // the connection is broken
  };

  static constexpr int kMaxParts = 16;  // of one write

  void push(std::string bytes, std::shared_ptr<WriteGate> gate);  // empty bytes are skipped
  Flushed flush(FunctionRef<Io(const iovec*, int)> write);

  // flush() in its steps, for who makes the writes of several queues together. While not empty:
  WriteGate* gate() const;                // that the next write must be inside of; may be null
  int next(iovec* parts) const;           // its parts, at most kMaxParts, at least one
  std::optional<Flushed> wrote(Io done);  // it was made; nullopt: there is more to write

  void clear();
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }          // bytes queued
  std::uint64_t written() const { return written_; }  // bytes since construction
  // An empty string, with capacity left from a written one where there is one.
  std::string take_spare();

 private:
  struct Segment {
    std::string bytes;
    std::shared_ptr<WriteGate> gate;
  };
  void consume(std::size_t bytes);

  std::vector<Segment> segments_;
  std::size_t first_ = 0;   // segments_ before it are written
  std::size_t offset_ = 0;  // of the first segment's unwritten bytes
  std::size_t size_ = 0;
  std::uint64_t written_ = 0;
  std::string spare_;
};

}  // namespace pawl
