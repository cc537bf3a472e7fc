#include "base/assert.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace pawl {
namespace {
std::atomic<std::uint64_t> bugs{0};
}

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "pawl: invariant broken at %s:%d: %s (%s)\n", file, line, why, condition);
  std::abort();
}

bool bug_found(const char* condition, const char* why, const char* file, int line) {
  bugs.fetch_add(1, std::memory_order_relaxed);
  log(LogLevel::kError, "bug",
      {{"condition", condition},
       {"why", why},
       {"at", std::string(file) + ":" + std::to_string(line)}});
  return false;
}

std::uint64_t bug_count() {
  return bugs.load(std::memory_order_relaxed);
}

}  // namespace pawl
