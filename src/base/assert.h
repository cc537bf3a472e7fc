// Three levels of assertion (docs/adr/0003). None may be reachable from outside input.
//
//   PAWL_ASSERT(c, why)  debug builds only, fatal: a simple provable invariant.
//   PAWL_BUG(c, why)     an invariant we are not sure of: debug fatal; release logs, counts and
//                        evaluates to false, and the caller goes on on the safe side (deny).
//   PAWL_CHECK(c, why)   always fatal: out of memory, a core's own invariant broken.
#pragma once

#include <cstdint>

namespace pawl {

[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file,
                                   int line);
// Always returns false. bug_count() is exported as the stat `pawl_bugs_total`.
bool bug_found(const char* condition, const char* why, const char* file, int line);
std::uint64_t bug_count();

}  // namespace pawl

#define PAWL_CHECK(c, why) ((c) ? void(0) : ::pawl::assertion_failed(#c, why, __FILE__, __LINE__))
#ifdef NDEBUG
#define PAWL_ASSERT(c, why) void(0)
#define PAWL_BUG(c, why) ((c) || ::pawl::bug_found(#c, why, __FILE__, __LINE__))
#else
#define PAWL_ASSERT(c, why) PAWL_CHECK(c, why)
#define PAWL_BUG(c, why) \
  ((c) || (::pawl::assertion_failed(#c, why, __FILE__, __LINE__), false))
#endif
