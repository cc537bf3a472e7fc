#include "infrastructure/identity/jwks_source.h"

#include <utility>

#include "base/log.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl::identity {
namespace {

bool older_than(BootTime then, BootTime now, std::chrono::seconds age) {
  return now.us - then.us >= std::chrono::microseconds(age).count();
}

// Once for each reason, and when it is over.
void tell_change(std::string_view from, const KeySourceStatus& before,
                 const KeySourceStatus& after) {
  if (after.last_failure == before.last_failure) {
    return;
  }
  const std::string source(from.substr(0, from.find('?')));
  const std::string keys = std::to_string(after.keys);
  if (after.last_failure.empty()) {
    log(LogLevel::kInfo, "key_set_read", {{"source", source}, {"keys", keys}});
  } else {
    log(LogLevel::kWarn, "key_set_unreadable",
        {{"source", source}, {"reason", after.last_failure}, {"keys", keys}});
  }
}

}  // namespace

std::shared_ptr<const jose::JwkSet> KeptKeys::usable_locked() const {
  const bool too_old = good_at_ && older_than(*good_at_, clock_.boot(), ages_.max_age);
  return too_old ? nullptr : keys_;
}

std::shared_ptr<const jose::JwkSet> KeptKeys::usable() const {
  const MutexLock lock(mutex_);
  return usable_locked();
}

bool KeptKeys::look_due(bool unknown) {
  const MutexLock lock(mutex_);
  const BootTime now = clock_.boot();
  if (looking_ || (looked_at_ && !older_than(*looked_at_, now, ages_.min_interval))) {
    return false;
  }
  if (!unknown && good_at_ && !older_than(*good_at_, now, ages_.refresh)) {
    return false;
  }
  looking_ = true;
  looked_at_ = now;
  return true;
}

void KeptKeys::look_done(const Result<std::string>& text) {
  Result<jose::JwkSet> fresh = text ? jose::JwkSet::parse(*text) : fail(text.error());
  const MutexLock lock(mutex_);
  looking_ = false;
  if (!fresh) {
    failure_ = fresh.error().message;
    return;
  }
  if (const Digest digest = sha256(*text); keys_ == nullptr || digest != text_) {
    keys_ = std::make_shared<const jose::JwkSet>(std::move(*fresh));
    text_ = digest;
  }
  good_at_ = clock_.boot();
  failure_.clear();
}

KeySourceStatus KeptKeys::status() const {
  const MutexLock lock(mutex_);
  const std::shared_ptr<const jose::JwkSet> keys = usable_locked();
  return {.keys = keys ? keys->size() : 0, .last_failure = failure_};
}

FileKeySource::FileKeySource(Files& files, std::string path, Clock& clock, KeyAges ages)
    : files_(files), path_(std::move(path)), kept_(clock, ages) {}

std::shared_ptr<const jose::JwkSet> FileKeySource::keys() {
  if (kept_.look_due(false)) {
    look();
  }
  return kept_.usable();
}

void FileKeySource::unknown_key() {
  if (kept_.look_due(true)) {
    look();
  }
}

void FileKeySource::look() {
  const KeySourceStatus before = kept_.status();
  kept_.look_done(read_file(files_, path_, kMaxJwksBytes));
  tell_change(path_, before, kept_.status());
}

UrlKeySource::UrlKeySource(std::string url, Fetch fetch, Clock& clock, KeyAges ages)
    : url_(std::move(url)),
      fetch_(std::move(fetch)),
      kept_(std::make_shared<KeptKeys>(clock, ages)) {}

Result<std::shared_ptr<UrlKeySource>> UrlKeySource::create(std::string url, Fetch fetch,
                                                           Clock& clock, KeyAges ages) {
  if (Status safe = check_safe_url("key set URL", url); !safe) {
    return fail(safe.error());
  }
  std::shared_ptr<UrlKeySource> source(
      new UrlKeySource(std::move(url), std::move(fetch), clock, ages));
  if (source->kept_->look_due(false)) {
    source->look();
  }
  return source;
}

std::shared_ptr<const jose::JwkSet> UrlKeySource::keys() {
  if (kept_->look_due(false)) {
    look();
  }
  return kept_->usable();
}

void UrlKeySource::unknown_key() {
  if (kept_->look_due(true)) {
    look();
  }
}

// The answer holds the kept keys weakly: it may come when the source is gone.
void UrlKeySource::look() {
  fetch_(url_,
         [url = url_, kept = std::weak_ptr<KeptKeys>(kept_)](const Result<std::string>& text) {
           if (const std::shared_ptr<KeptKeys> here = kept.lock()) {
             const KeySourceStatus before = here->status();
             here->look_done(text);
             tell_change(url, before, here->status());
           }
         });
}

}  // namespace pawl::identity
