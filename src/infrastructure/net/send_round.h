// What one turn of the event loop sends, handed to the kernel at once.
//
// Purpose:    a send wakes its receiver, and on a shared core the kernel then runs the receiver
//             first. Together (io_uring) the sends of a turn are all made before anybody is woken:
//             one change of context instead of one a send.
// Threading:  the loop's own thread.
// Ownership:  keeps who is added until it was served; who has nothing left to send is passed over.
// Gates:      each write is inside the gate of its own bytes when it is made: the gates are passed
//             one within another, around the one system call.
// Not errors: a kernel without io_uring, or that does not let us (a filter of system calls,
//             kernel.io_uring_disabled): each sends by itself then, at the same point of the turn.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "infrastructure/net/gated_queue.h"

namespace pawl {

// Somebody with a queue to send.
class Sender {
 public:
  virtual ~Sender() = default;
  // A plain socket whose queue may be written now.
  struct Socket {
    int fd = -1;  // -1: there is none, or it is not for the kernel to write (TLS): flush() then
    GatedQueue* queue = nullptr;
  };
  virtual Socket to_send() = 0;
  virtual void flush() = 0;  // what is queued, by itself
  // One write was made, of bytes before which the queue had written `before`.
  virtual void sent(GatedQueue::Flushed flushed, std::uint64_t before) = 0;

 private:
  friend class SendRound;
  bool waits_ = false;  // in a round
};

class SendRound {
 public:
  SendRound();
  ~SendRound();
  SendRound(const SendRound&) = delete;
  SendRound& operator=(const SendRound&) = delete;

  // Its flush() or sent() follows, before the loop sleeps. Twice is as good as once.
  void add(std::shared_ptr<Sender> sender);
  void run();  // until nobody waits
  // For tests: no io_uring, as on a kernel that has none.
  void send_each_alone();

 private:
  class Ring;
  struct Send;
  void send_together(std::vector<Send>& sends);
  void stage(std::vector<Send>& sends, std::size_t from);
  bool has_ring();

  std::vector<std::shared_ptr<Sender>> waiting_;
  std::unique_ptr<Ring> ring_;
  bool tried_ = false;  // to make a ring
};

}  // namespace pawl
