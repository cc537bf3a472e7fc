// The rules in force, as every thread sees them. Threading: any thread.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "foundation/rules/rules.h"

namespace pawl {

class RuleBoard {
 public:
  std::shared_ptr<const rules::RuleSet> snapshot() const PAWL_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return current_;
  }
  void publish(std::shared_ptr<const rules::RuleSet> next) PAWL_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    current_ = std::move(next);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const rules::RuleSet> current_ PAWL_GUARDED_BY(mutex_) = rules::RuleSet::empty();
};

}  // namespace pawl
