// The stops and revocations in force, as every thread sees them.
//
// Purpose:    the override thread publishes a new set; the path reads a snapshot.
// Threading:  any thread.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "operators/override/override.h"
#include "operators/override/revocation.h"

namespace pawl {

class StopBoard {
 public:
  std::shared_ptr<const override_::StopSet> snapshot() const PAWL_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return current_;
  }
  void publish(override_::StopSet next) PAWL_EXCLUDES(mutex_) {
    auto fresh = std::make_shared<const override_::StopSet>(std::move(next));
    MutexLock lock(mutex_);
    current_ = std::move(fresh);
  }

  std::shared_ptr<const override_::RevokedSet> revoked() const PAWL_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return revoked_;
  }
  void publish_revoked(override_::RevokedSet next) PAWL_EXCLUDES(mutex_) {
    auto fresh = std::make_shared<const override_::RevokedSet>(std::move(next));
    MutexLock lock(mutex_);
    revoked_ = std::move(fresh);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const override_::StopSet> current_ PAWL_GUARDED_BY(mutex_) =
      std::make_shared<const override_::StopSet>();
  std::shared_ptr<const override_::RevokedSet> revoked_ PAWL_GUARDED_BY(mutex_) =
      std::make_shared<const override_::RevokedSet>();
};

}  // namespace pawl
