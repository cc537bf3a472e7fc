// The bundle of one trust domain, from a file or a URL, kept fresh.
//
// Purpose:    a domain changes its authorities while this process runs; what it withdrew counts no
//             more, and nobody can bring an older bundle back.
// Threading:  any thread; answers of fetches come on the thread that answers them.
// Ownership:  files, clock and what `fetch` uses outlive the source. A fetch that is answered after
//             the source is gone is dropped.
// Errors:     none to the caller: no usable bundle is nullptr. status() and the log say why.
// Not errors: a failed look while the kept bundle is young enough.
// Memory:     the newest number is forgotten with the process; whoever fetches may keep it longer
//             (bundle_number.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "infrastructure/identity/jwks_source.h"
#include "infrastructure/identity/kept.h"
#include "infrastructure/identity/spiffe_bundle.h"

namespace pawl::identity {

struct BundleStatus {
  std::size_t usable = 0;       // sources with a bundle that counts
  std::uint64_t failures = 0;   // looks that failed, since the start
  std::chrono::seconds age{0};  // since the last good look, of the source where it is longest ago
};

// Why the last look at a domain's bundle failed. None where it was good, or none has ended yet.
struct BundleTrouble {
  std::string domain;
  std::string reason;
  WallTime since{};                        // the first look that failed since a good one
  std::optional<WallTime> counts_until{};  // of the bundle in use; nullopt: none counts
};

class BundleSource {
 public:
  // Looked at every 5 s.
  static std::shared_ptr<BundleSource> of_file(std::string domain, Files& files, std::string path,
                                               Clock& clock, std::chrono::seconds max_age);
  // Looked at as often as the bundle says, between 30 s and an hour; 5 minutes where it says
  // nothing. The first fetch starts now. kInvalidParams: not https, nor http on loopback.
  static Result<std::shared_ptr<BundleSource>> of_url(std::string domain, const std::string& url,
                                                      const Fetch& fetch, Clock& clock,
                                                      std::chrono::seconds max_age);

  // The newest usable one; never blocks on the network.
  std::shared_ptr<const SpiffeBundle> bundle();
  // Something was signed by nobody that is in it: the source may look again, at its own pace.
  void unknown_key();
  // Looks when a look is due: whoever waits for nobody's call keeps it fresh.
  void refresh();
  void add_to(BundleStatus& sum) const;
  std::optional<BundleTrouble> trouble() const;

 private:
  struct State;
  using Look = std::function<void(std::function<void(Result<std::string>)> done)>;
  BundleSource(std::shared_ptr<State> state, Look look);
  void look();

  const std::shared_ptr<State> state_;
  const Look look_;
};

// One kind of keys of a bundle as a source of keys: of JWT-SVIDs, or of WITs.
class BundleKeys : public KeySource {
 public:
  BundleKeys(std::shared_ptr<BundleSource> source, jose::JwkSet SpiffeBundle::*keys)
      : source_(std::move(source)), keys_(keys) {}
  std::shared_ptr<const jose::JwkSet> keys() override;
  void unknown_key() override { source_->unknown_key(); }

 private:
  const std::shared_ptr<BundleSource> source_;
  jose::JwkSet SpiffeBundle::*const keys_;
};

}  // namespace pawl::identity
