#include "infrastructure/identity/replay_memory.h"

#include <algorithm>
#include <cstring>

namespace pawl::identity {

ReplayMemory::Key ReplayMemory::key_of(const Digest& id) {
  Key key{};
  std::memcpy(key.data(), id.data(), sizeof key);
  return key;
}

void ReplayMemory::forget(std::int64_t now_s) {
  while (!ends_.empty() && ends_.begin()->first < now_s) {
    for (const Key& key : ends_.begin()->second) {
      const auto at = known_.find(key);
      if (--at->second->second == 0) {
        held_.erase(at->second);
      }
      known_.erase(at);
    }
    ends_.erase(ends_.begin());
  }
}

ReplayMemory::Answer ReplayMemory::look(std::string_view holder, const Digest& id,
                                        std::int64_t now_s) {
  forget(now_s);
  if (known_.contains(key_of(id))) {
    return Answer::kSeen;
  }
  const std::size_t free = places_ - known_.size();
  if (free == 0) {
    return Answer::kFull;
  }
  const auto mine = held_.find(holder);
  return mine != held_.end() && mine->second >= free ? Answer::kShareFull : Answer::kFresh;
}

ReplayMemory::Answer ReplayMemory::spend(std::string_view holder, const Digest& id,
                                         std::int64_t until_s, std::int64_t now_s) {
  const Answer answer = look(holder, id, now_s);
  if (answer == Answer::kFresh) {
    const auto mine = held_.try_emplace(std::string(holder), 0).first;
    ++mine->second;
    known_.emplace(key_of(id), mine);
    // At least for this second: what has ended is refused before it comes here.
    ends_[std::max(until_s, now_s)].push_back(key_of(id));
  }
  return answer;
}

}  // namespace pawl::identity
