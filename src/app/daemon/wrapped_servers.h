// The servers that run behind `pawl wrap` now: they stand in no configuration.
//
// Purpose:    `pawl status` lists them, and a stop of one is no slip of the pen.
// Threading:  any thread.
// Not errors: several shims of one name.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/mutex.h"
#include "operators/override/scope.h"

namespace pawl {

class WrappedServers {
 public:
  void arrived(const std::string& server) {
    MutexLock lock(mutex_);
    ++shims_[server];
  }
  void left(const std::string& server) {
    MutexLock lock(mutex_);
    if (--shims_[server] == 0) {
      shims_.erase(server);
    }
  }
  std::map<std::string, std::size_t> all() const {  // shims by name
    MutexLock lock(mutex_);
    return shims_;
  }
  std::size_t shims() const {
    std::size_t out = 0;
    for (const auto& [server, count] : all()) {
      out += count;
    }
    return out;
  }
  // Is the scope about one of them?
  bool has(const override_::Scope& scope) const {
    const bool of_server =
        scope.kind == override_::ScopeKind::kServer || scope.kind == override_::ScopeKind::kTool;
    return of_server && all().contains(scope.value.substr(0, scope.value.find('/')));
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::size_t> shims_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl
