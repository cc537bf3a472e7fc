#include "infrastructure/identity/jwks_source.h"

#include <utility>

#include "base/log.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl::identity {
namespace {

Result<KeptKeys::Fresh> read_keys(std::string_view text, const jose::JwkSet*) {
  return jose::JwkSet::parse(text).map(
      [](jose::JwkSet keys) { return KeptKeys::Fresh{std::move(keys)}; });
}

KeySourceStatus status_of(const KeptKeys& kept) {
  const std::shared_ptr<const jose::JwkSet> keys = kept.usable();
  return {.keys = keys ? keys->size() : 0, .last_failure = kept.failure()};
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

FileKeySource::FileKeySource(Files& files, std::string path, Clock& clock, KeyAges ages)
    : files_(files), path_(std::move(path)), kept_(clock, ages, read_keys) {}

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
  const KeySourceStatus before = status();
  kept_.look_done(read_file(files_, path_, kMaxJwksBytes));
  tell_change(path_, before, status());
}

KeySourceStatus FileKeySource::status() const {
  return status_of(kept_);
}

UrlKeySource::UrlKeySource(std::string url, Fetch fetch, Clock& clock, KeyAges ages)
    : url_(std::move(url)),
      fetch_(std::move(fetch)),
      kept_(std::make_shared<KeptKeys>(clock, ages, read_keys)) {}

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
             const KeySourceStatus before = status_of(*here);
             here->look_done(text);
             tell_change(url, before, status_of(*here));
           }
         });
}

KeySourceStatus UrlKeySource::status() const {
  return status_of(*kept_);
}

}  // namespace pawl::identity
