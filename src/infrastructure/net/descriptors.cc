#include "infrastructure/net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.h"

namespace pawl {

namespace {

constexpr std::size_t kReserve = 64;

std::size_t limit_now() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t now = limit_now();
  log(LogLevel::kInfo, "descriptors",
      {{"limit", std::to_string(now)},
       {"for_agents", std::to_string(descriptor_share(now, DescriptorUse::kAgents))}});
}

std::size_t descriptor_share(std::size_t limit, DescriptorUse use) {
  const std::size_t reserve = std::min(kReserve, limit / 4);
  switch (use) {
    case DescriptorUse::kAgents:
      return limit / 2;
    case DescriptorUse::kServers:
      return limit - reserve;
    case DescriptorUse::kPeople:
      return limit - reserve / 2;
    case DescriptorUse::kOverride:
      return limit;
  }
  return 0;
}

bool may_hold(int fd, DescriptorUse use) {
  return fd >= 0 && static_cast<std::size_t>(fd) < descriptor_share(limit_now(), use);
}

}  // namespace pawl
