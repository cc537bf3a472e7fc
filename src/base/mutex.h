// The only locks in Pawl: annotated, so that clang's -Wthread-safety checks the lock story.
// g++ sees empty macros. Never hold a lock over I/O or a callback.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define PAWL_ATTRIBUTE(x) __attribute__((x))
#else
#define PAWL_ATTRIBUTE(x)
#endif
#define PAWL_GUARDED_BY(m) PAWL_ATTRIBUTE(guarded_by(m))
#define PAWL_REQUIRES(...) PAWL_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define PAWL_EXCLUDES(...) PAWL_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace pawl {

class PAWL_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() PAWL_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() PAWL_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class PAWL_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PAWL_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() PAWL_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  // The caller holds `mutex`; it is released while waiting and held again on return.
  void wait(Mutex& mutex) PAWL_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when the time passed first.
  template <class Duration>
  bool wait_for(Mutex& mutex, Duration duration) PAWL_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool notified = condition_.wait_for(lock, duration) == std::cv_status::no_timeout;
    lock.release();
    return notified;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace pawl
