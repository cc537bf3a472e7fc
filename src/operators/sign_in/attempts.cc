#include "operators/sign_in/attempts.h"

#include <algorithm>

#include "foundation/crypto/bounded_name.h"

namespace pawl::sign_in {

std::string Attempts::key_of(std::string_view name) {
  return bounded_name(name);
}

std::chrono::seconds Attempts::delay(std::string_view name, BootTime now) const {
  const auto at = failures_.find(key_of(name));
  if (at == failures_.end() || at->second.count < kFree ||
      now.us - at->second.last.us >= std::chrono::microseconds(kRemembered).count()) {
    return {};
  }
  const std::uint32_t doublings = std::min<std::uint32_t>(at->second.count - kFree, 6);
  return std::min(kLongest, std::chrono::seconds(std::int64_t{1} << doublings));
}

void Attempts::failed(std::string_view name, BootTime now) {
  Failures& of = failures_[key_of(name)];
  if (now.us - of.last.us >= std::chrono::microseconds(kRemembered).count()) {
    of.count = 0;
  }
  ++of.count;
  of.last = now;
  if (failures_.size() > kMost) {
    failures_.erase(std::min_element(
        failures_.begin(), failures_.end(),
        [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
  }
}

void Attempts::succeeded(std::string_view name) {
  failures_.erase(key_of(name));
}

}  // namespace pawl::sign_in
