// JSON Web Key Sets of JWT issuers, from a file or a URL, kept fresh.
//
// Purpose:    new keys are found without a restart, a lost source does not lock agents out at once,
//             and a source lost for long does: after `max_age` the kept keys are not used.
// Threading:  FileKeySource: any thread. UrlKeySource: keys() from any thread; refreshes run on the
//             thread that answers fetches.
// Ownership:  files, clock and what `fetch` uses outlive the source. A fetch that is answered after
//             the source is gone is dropped.
// Errors:     none to the caller: no keys is nullptr. status() tells people why.
// Not errors: a failed look (unreachable, not a key set, an empty one) while the kept keys are
//             young enough. To withdraw all keys of an issuer, remove it from the configuration.
//
// Example:
//   auto keys = UrlKeySource::create(url, http_fetch(loop, pool), system_clock());
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "infrastructure/identity/kept.h"
#include "infrastructure/identity/key_source.h"

namespace pawl::identity {

inline constexpr std::size_t kMaxJwksBytes = 1024 * 1024;

struct KeySourceStatus {
  std::size_t keys = 0;        // usable now
  std::string last_failure{};  // empty: the last look succeeded
};

using KeptKeys = Kept<jose::JwkSet>;

// Reads the file again when the kept set is older than `refresh`, five seconds by default.
class FileKeySource : public KeySource {
 public:
  FileKeySource(Files& files, std::string path, Clock& clock,
                KeyAges ages = {.refresh = std::chrono::seconds{5},
                                .min_interval = std::chrono::seconds{1}});
  std::shared_ptr<const jose::JwkSet> keys() override;
  void unknown_key() override;
  KeySourceStatus status() const;

 private:
  void look();

  Files& files_;
  const std::string path_;
  KeptKeys kept_;
};

// Answers with the body of a 200, or an error. Called on any thread, answers on its own.
using Fetch =
    std::function<void(const std::string& url, std::function<void(Result<std::string>)> done)>;

// The first fetch starts with the source. Keys never wait for a fetch: a token signed with a key
// that the issuer published a moment ago is refused once, and passes when the fetch is back.
class UrlKeySource : public KeySource {
 public:
  // kInvalidParams: keys decide who is who, so the URL must be https, or http on loopback.
  static Result<std::shared_ptr<UrlKeySource>> create(std::string url, Fetch fetch, Clock& clock,
                                                      KeyAges ages = {});
  std::shared_ptr<const jose::JwkSet> keys() override;
  void unknown_key() override;
  KeySourceStatus status() const;

 private:
  UrlKeySource(std::string url, Fetch fetch, Clock& clock, KeyAges ages);
  void look();

  const std::string url_;
  const Fetch fetch_;
  std::shared_ptr<KeptKeys> kept_;
};

}  // namespace pawl::identity
