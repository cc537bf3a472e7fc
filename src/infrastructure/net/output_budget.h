// One budget for everything that waits to be read: whoever makes the process hold most is cut off.
//
// Purpose:    each queue has a limit of its own, and there may be thousands of them. Over the
//             budget the largest queue of the holder with the most bytes is cut, until it fits; who
//             holds little is never hurt by who holds much.
// Threading:  the loop's own thread.
// Ownership:  `cut` is run by the loop, later and at most once, with the ticket that open() gave:
// it
//             must bear that its queue is gone or was read meanwhile. What was cut does not count.
// Not errors: a ticket that is not open (ignored); setting it below what it was.
//
// Example:
//   ticket = budget->open("agent triage", [weak](OutputBudget::Ticket over) {
//     if (auto self = weak.lock()) { self->cut(over); } });
//   budget->set(ticket, queue.size());
//   budget->close(ticket);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace pawl {

class OutputBudget {
 public:
  using Ticket = std::uint64_t;  // 0 is none
  using Cut = std::function<void(Ticket)>;
  using Post = std::function<void(std::function<void()>)>;

  OutputBudget(std::size_t max_bytes, Post post) : max_bytes_(max_bytes), post_(std::move(post)) {}

  Ticket open(std::string holder, Cut cut);
  void set(Ticket ticket, std::size_t bytes);
  void close(Ticket ticket);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Queue {
    std::string holder;
    std::size_t bytes = 0;
    Cut cut;
  };
  Ticket largest() const;

  const std::size_t max_bytes_;
  const Post post_;
  std::size_t bytes_ = 0;
  Ticket last_ = 0;
  std::map<Ticket, Queue> queues_;
  std::map<std::string, std::size_t> holders_;  // bytes of each that holds any
};

}  // namespace pawl
