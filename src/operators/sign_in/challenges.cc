#include "operators/sign_in/challenges.h"

#include <algorithm>

namespace pawl::sign_in {

Digest Challenges::make(BootTime now) {
  Digest out{};
  const std::string bytes = random_.bytes(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  if (made_.size() >= kMost) {
    made_.erase(std::min_element(made_.begin(), made_.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  made_.insert_or_assign(out, now);
  return out;
}

bool Challenges::take(const Digest& challenge, BootTime now) {
  const auto found = made_.extract(challenge);
  return found && now.us - found.mapped().us < std::chrono::microseconds(kGood).count();
}

}  // namespace pawl::sign_in
