// Random bytes that a test says beforehand, in the order in which they are drawn.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "base/random.h"

namespace pawl::vault {

class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::deque<std::string> draws) : draws_(std::move(draws)) {}
  std::string bytes(std::size_t) override {
    std::string drawn = draws_.empty() ? std::string() : std::move(draws_.front());
    draws_.pop_front();
    return drawn;
  }

 private:
  std::deque<std::string> draws_;
};

}  // namespace pawl::vault
