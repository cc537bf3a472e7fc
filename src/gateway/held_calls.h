// The callers that wait for people, by the approval that each waits for.
//
// Purpose:    bounds how many calls of one agent wait, and how many bytes of requests they keep in
//             memory meanwhile, and wakes those of one approval. A waiting call has no slot.
// Threading:  the I/O thread.
// Rule:       one agent has at most a quarter of all bytes, so that others can be asked about, too.
// Not errors: to leave without waiting, and to wake nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/uuid.h"

namespace pawl {

class HeldCalls {
 public:
  using Wake = std::function<void()>;

  struct Limits {
    std::size_t calls_of_an_agent;
    std::size_t bytes;  // of all
    std::size_t bytes_of_an_agent() const { return bytes / 4; }
  };
  struct Caller {
    std::string agent;
    std::size_t bytes = 0;  // that its request keeps
  };

  explicit HeldCalls(Limits limits) : limits_(limits) {}

  // False: too many calls of this agent wait, or too much of them. The same ticket again: it waits
  // for this one now.
  bool wait(std::uint64_t ticket, const Caller& caller, const Uuid& approval, Wake wake);
  void leave(std::uint64_t ticket);
  // The waits of those who wait for it are over; to be called one by one, for each may begin
  // another. Who came last is first: of one caller's calls it is the one that somebody surely
  // waits for.
  std::vector<Wake> take(const Uuid& approval);
  std::size_t waiting_for(const Uuid& approval) const;
  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Waiting {
    Caller caller;
    Uuid approval;
    Wake wake;
  };
  struct Share {
    std::size_t calls = 0, bytes = 0;
  };
  bool has_room(const Caller& caller) const;

  Limits limits_;
  std::map<std::uint64_t, Waiting> waiting_;  // in the order of arrival
  std::map<std::string, Share> by_agent_;     // none without calls
  std::size_t bytes_ = 0;
};

}  // namespace pawl
