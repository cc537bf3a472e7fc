// The callers that wait for people, by the approval that each waits for.
//
// Purpose:    bounds how many calls of one agent wait, and wakes those of one approval. A waiting
//             call has no slot.
// Threading:  the I/O thread.
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

  explicit HeldCalls(std::size_t most_of_an_agent) : most_(most_of_an_agent) {}

  // False: too many calls of this agent wait. The same ticket again: it waits for this one now.
  bool wait(std::uint64_t ticket, const std::string& agent, const Uuid& approval, Wake wake);
  void leave(std::uint64_t ticket);
  // The waits of those who wait for it are over; to be called one by one, for each may begin
  // another.
  std::vector<Wake> take(const Uuid& approval);
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::string agent;
    Uuid approval;
    Wake wake;
  };
  std::size_t most_;
  std::map<std::uint64_t, Waiting> waiting_;  // in the order of arrival
  std::map<std::string, std::size_t> by_agent_;
};

}  // namespace pawl
