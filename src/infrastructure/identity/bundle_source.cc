#include "infrastructure/identity/bundle_source.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl::identity {
namespace {

using std::chrono::seconds;
using KeptBundle = Kept<SpiffeBundle>;

constexpr KeyAges kOfFile{.refresh = seconds{5}, .min_interval = seconds{1}};
constexpr seconds kOftenest{30}, kSeldomest{3600};

Result<KeptBundle::Fresh> take(std::string_view text, const SpiffeBundle* before,
                               bool follow_hint) {
  Result<SpiffeBundle> bundle = read_bundle(text);
  if (!bundle) {
    return fail(bundle.error());
  }
  if (Status follows = before != nullptr ? check_follows(*bundle, *before) : Status{}; !follows) {
    return fail(follows.error());
  }
  KeptBundle::Fresh out{*std::move(bundle)};
  if (follow_hint && out.value.refresh_hint_s) {
    out.refresh = seconds(
        std::clamp<std::int64_t>(*out.value.refresh_hint_s, kOftenest.count(), kSeldomest.count()));
  }
  return out;
}

std::string sequence_of(const SpiffeBundle& bundle) {
  return bundle.sequence ? std::to_string(*bundle.sequence) : "none";
}

}  // namespace

struct BundleSource::State {
  State(std::string name, Clock& clock, KeyAges ages, bool follow_hint)
      : domain(std::move(name)),
        kept(clock, ages, [follow_hint](std::string_view text, const SpiffeBundle* before) {
          return take(text, before, follow_hint);
        }) {}

  // Tells each new bundle, and each reason of a failure once.
  void done(const Result<std::string>& text) {
    const std::shared_ptr<const SpiffeBundle> before = kept.usable();
    const std::string failure = kept.failure();
    kept.look_done(text);
    const std::shared_ptr<const SpiffeBundle> now = kept.usable();
    if (const std::string why = kept.failure(); !why.empty() && why != failure) {
      log(LogLevel::kWarn, "trust_bundle_not_taken",
          {{"domain", domain},
           {"reason", why},
           {"sequence", now ? sequence_of(*now) : "no bundle"}});
    } else if (why.empty() && now != nullptr && (now != before || !failure.empty())) {
      log(LogLevel::kInfo, "trust_bundle",
          {{"domain", domain},
           {"sequence", sequence_of(*now)},
           {"authorities", std::to_string(now->authorities.size())},
           {"keys", std::to_string(now->jwt_keys.size() + now->wit_keys.size())},
           {"skipped", std::to_string(now->skipped)}});
    }
  }

  const std::string domain;
  KeptBundle kept;
};

BundleSource::BundleSource(std::shared_ptr<State> state, Look look)
    : state_(std::move(state)), look_(std::move(look)) {}

std::shared_ptr<BundleSource> BundleSource::of_file(std::string domain, Files& files,
                                                    std::string path, Clock& clock,
                                                    seconds max_age) {
  KeyAges ages = kOfFile;
  ages.max_age = max_age;
  return std::shared_ptr<BundleSource>(new BundleSource(
      std::make_shared<State>(std::move(domain), clock, ages, false),
      [&files, path = std::move(path)](const std::function<void(Result<std::string>)>& done) {
        done(read_file(files, path, kMaxJwksBytes));
      }));
}

Result<std::shared_ptr<BundleSource>> BundleSource::of_url(std::string domain,
                                                           const std::string& url,
                                                           const Fetch& fetch, Clock& clock,
                                                           seconds max_age) {
  if (Status safe = check_safe_url("bundle URL", url); !safe) {
    return fail(safe.error());
  }
  KeyAges ages;
  ages.max_age = max_age;
  std::shared_ptr<BundleSource> source(
      new BundleSource(std::make_shared<State>(std::move(domain), clock, ages, true),
                       [fetch, url](std::function<void(Result<std::string>)> done) {
                         fetch(url, std::move(done));
                       }));
  source->refresh();
  return source;
}

std::shared_ptr<const SpiffeBundle> BundleSource::bundle() {
  refresh();
  return state_->kept.usable();
}

void BundleSource::unknown_key() {
  if (state_->kept.look_due(true)) {
    look();
  }
}

void BundleSource::refresh() {
  if (state_->kept.look_due(false)) {
    look();
  }
}

void BundleSource::add_to(BundleStatus& sum) const {
  sum.usable += state_->kept.usable() != nullptr ? 1 : 0;
  sum.failures += state_->kept.failures();
  sum.age = std::max(sum.age, state_->kept.age().value_or(seconds{0}));
}

std::optional<BundleTrouble> BundleSource::trouble() const {
  const std::optional<WallTime> since = state_->kept.failing_since();
  return since ? std::optional(BundleTrouble{state_->domain, state_->kept.failure(), *since,
                                             state_->kept.usable_until()})
               : std::nullopt;
}

// The answer holds the state weakly: it may come when the source is gone.
void BundleSource::look() {
  look_([state = std::weak_ptr<State>(state_)](const Result<std::string>& text) {
    if (const std::shared_ptr<State> here = state.lock()) {
      here->done(text);
    }
  });
}

std::shared_ptr<const jose::JwkSet> BundleKeys::keys() {
  const std::shared_ptr<const SpiffeBundle> bundle = source_->bundle();
  const bool has_some = bundle != nullptr && (*bundle.*keys_).size() > 0;
  return has_some ? std::shared_ptr<const jose::JwkSet>(bundle, &(*bundle.*keys_)) : nullptr;
}

}  // namespace pawl::identity
