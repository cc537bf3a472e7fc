// How many calls of an agent are open under a rule that limits them.
//
// Purpose:    the obligation `limit: { open: N }`: beside the configured limits, never above them.
// Threading:  the I/O thread.
// Rule:       what was taken is given back once, when its call ends.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace pawl {

class RuleShares {
 public:
  // False: `most` of them are open already.
  bool take(const std::string& agent, const std::string& rule, std::size_t most) {
    const auto [at, is_new] = open_.try_emplace({agent, rule}, 0);
    if (at->second >= most) {
      return false;
    }
    ++at->second;
    return true;
  }
  void give_back(const std::string& agent, const std::string& rule) {
    const auto at = open_.find({agent, rule});
    if (at != open_.end() && --at->second == 0) {
      open_.erase(at);
    }
  }
  std::size_t size() const { return open_.size(); }

 private:
  std::map<std::pair<std::string, std::string>, std::size_t> open_;
};

}  // namespace pawl
