// What was read last from a file or a URL that changes: the newest good value, and its age.
//
// Purpose:    what is new is found without a restart, a source that fails for a while does not lock
//             everybody out, and one that fails for long does: after `max_age` nothing is usable.
// Threading:  any thread.
// Ownership:  the clock outlives it. A value that was given stays valid while it is held.
// Errors:     none to the caller: nothing usable is nullptr. failure() tells people why.
// Not errors: a text that cannot be taken, while the kept value is young enough.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "foundation/crypto/sha256.h"

namespace pawl::identity {

struct KeyAges {
  std::chrono::seconds refresh{300};      // look again when the kept value is older
  std::chrono::seconds min_interval{30};  // never look more often, whatever tokens name
  std::chrono::seconds max_age{86'400};   // the kept value counts as none after this
};

// Of a kept value, its age on the boot clock (a wall clock set back revives nothing).
template <class T>
class Kept {
 public:
  struct Fresh {
    T value;
    std::optional<std::chrono::seconds> refresh{};  // instead of KeyAges::refresh from now on
  };
  // Reads a text that is new; `before` is what is kept, null: nothing is.
  using Read = std::function<Result<Fresh>(std::string_view text, const T* before)>;

  Kept(Clock& clock, KeyAges ages, Read read)
      : clock_(clock), ages_(ages), read_(std::move(read)), refresh_(ages.refresh) {}

  // The same object until another text was read.
  std::shared_ptr<const T> usable() const {
    const MutexLock lock(mutex_);
    const bool too_old = good_at_ && is_older(*good_at_, ages_.max_age);
    return too_old ? nullptr : value_;
  }

  // True for one caller when a look is due; that caller must end it with look_done. `unknown`:
  // something was asked for that is not kept, so that only min_interval counts.
  bool look_due(bool unknown) {
    const MutexLock lock(mutex_);
    if (looking_ || (looked_at_ && !is_older(*looked_at_, ages_.min_interval))) {
      return false;
    }
    if (!unknown && good_at_ && !is_older(*good_at_, refresh_)) {
      return false;
    }
    looking_ = true;
    looked_at_ = clock_.boot();
    return true;
  }

  // The text that was found, or why there is none.
  void look_done(const Result<std::string>& text) {
    const MutexLock lock(mutex_);
    looking_ = false;
    const Status taken = text ? take(*text) : Status(fail(text.error()));
    if (taken) {
      good_at_ = clock_.boot();
      failure_.clear();
      failing_since_.reset();
    } else {
      failure_ = taken.error().message;
      failing_since_ = failing_since_.value_or(clock_.wall());
      ++failures_;
    }
  }

  std::string failure() const {  // of the last look; empty: it succeeded
    const MutexLock lock(mutex_);
    return failure_;
  }
  std::optional<WallTime> usable_until() const {  // as the wall clock stands; nullopt: it is not
    const MutexLock lock(mutex_);
    if (!good_at_ || is_older(*good_at_, ages_.max_age)) {
      return std::nullopt;
    }
    const std::int64_t left_us =
        good_at_->us + std::chrono::microseconds(ages_.max_age).count() - clock_.boot().us;
    return WallTime{clock_.wall().us + left_us};
  }
  std::optional<WallTime> failing_since() const {  // each look since then failed
    const MutexLock lock(mutex_);
    return failing_since_;
  }
  std::uint64_t failures() const {  // since it was made
    const MutexLock lock(mutex_);
    return failures_;
  }
  std::optional<std::chrono::seconds> age() const {  // since the last good look; nullopt: none
    const MutexLock lock(mutex_);
    return good_at_ ? std::optional(std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::microseconds(clock_.boot().us - good_at_->us)))
                    : std::nullopt;
  }

 private:
  bool is_older(BootTime then, std::chrono::seconds age) const {
    return clock_.boot().us - then.us >= std::chrono::microseconds(age).count();
  }
  Status take(const std::string& text) PAWL_REQUIRES(mutex_) {
    const Digest digest = sha256(text);
    if (value_ != nullptr && digest == text_) {
      return {};
    }
    Result<Fresh> fresh = read_(text, value_.get());
    if (!fresh) {
      return fail(fresh.error());
    }
    value_ = std::make_shared<const T>(std::move(fresh->value));
    refresh_ = fresh->refresh.value_or(ages_.refresh);
    text_ = digest;
    return {};
  }

  Clock& clock_;
  const KeyAges ages_;
  const Read read_;
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ PAWL_GUARDED_BY(mutex_);
  std::chrono::seconds refresh_ PAWL_GUARDED_BY(mutex_);
  Digest text_ PAWL_GUARDED_BY(mutex_){};  // of the kept value: the same text is the same value
  std::optional<BootTime> good_at_ PAWL_GUARDED_BY(mutex_);
  std::optional<BootTime> looked_at_ PAWL_GUARDED_BY(mutex_);
  bool looking_ PAWL_GUARDED_BY(mutex_) = false;
  std::string failure_ PAWL_GUARDED_BY(mutex_);
  std::optional<WallTime> failing_since_ PAWL_GUARDED_BY(mutex_);
  std::uint64_t failures_ PAWL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pawl::identity
