// The bytes of request bodies that have begun and are not complete, and who has to go when they are
// too many.
//
// Purpose:    the pure core of a bound on what slow and stopped senders make the server hold: over
//             it, the newest unfinished body of the holder with the most bytes is given up, until
//             it fits. Who holds little is never hurt by who holds much.
// Threading:  plain object, one thread.
// Not errors: a ticket that is not open any more (ignored).
//
// Example:
//   Ticket body = bodies.open("agent triage");
//   for (Ticket gone : bodies.grow(body, bytes_so_far)) { refuse(gone); }
//   bodies.close(body);
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pawl::http {

class UnfinishedBodies {
 public:
  using Ticket = std::uint64_t;  // larger is newer; 0 is none

  explicit UnfinishedBodies(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  Ticket open(const std::string& holder);
  // The body holds `bytes` now. Returns those that were closed for it, maybe itself.
  std::vector<Ticket> grow(Ticket ticket, std::size_t bytes);
  void close(Ticket ticket);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Holder {
    std::size_t bytes = 0;
    std::map<Ticket, std::size_t> bodies;
  };
  Ticket newest_of_largest() const;

  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Ticket last_ = 0;
  std::map<std::string, Holder> holders_;
  std::map<Ticket, std::string> open_;
};

}  // namespace pawl::http
