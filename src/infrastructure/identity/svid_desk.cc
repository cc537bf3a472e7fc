#include "infrastructure/identity/svid_desk.h"

#include <utility>

#include "infrastructure/identity/workload_id.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxKnown = 4096;

bool holds(const Validity& validity, std::int64_t now_s) {
  return validity.from_s <= now_s && now_s <= validity.until_s;
}

// The one name of a leaf, which is a SPIFFE ID with a path.
Judged<WorkloadId> name_of(const CertificateChain& chain) {
  const std::vector<std::string>& uris = chain.uris();
  const auto id = uris.size() == 1 ? parse_workload_id(uris.front()) : std::nullopt;
  if (!id || id->scheme != "spiffe") {
    return refuse(Refusal::kCertificate,
                  "expected exactly one URI name in the certificate, spiffe://DOMAIN/PATH");
  }
  if (chain.is_authority() && plugged(ControlId::kSvidLeaf)) {
    return refuse(Refusal::kSvidAuthority,
                  "the certificate is that of an authority, which is no caller");
  }
  return *id;
}

}  // namespace

SvidDesk::SvidDesk(const std::vector<TrustDomain>& domains) {
  for (const TrustDomain& domain : domains) {
    if (domain.bundle != nullptr) {
      sources_.emplace(domain.name, domain.bundle);
    }
  }
}

// An authority that was published a moment ago may not have arrived: the source looks again.
Judged<SvidDesk::Known> SvidDesk::verify(const CertificateChain& chain, std::int64_t now_s) const {
  const Judged<WorkloadId> id = name_of(chain);
  if (!id) {
    return tl::unexpected<Finding>(id.error());
  }
  const auto source = sources_.find(id->domain);
  if (source == sources_.end()) {
    return refuse(Refusal::kTrustDomain, "the certificate's name is of no domain with a bundle");
  }
  const std::string name(chain.uris().front());
  std::shared_ptr<const SpiffeBundle> bundle = source->second->bundle();
  auto good =
      bundle ? bundle->authorities.verify(chain, now_s) : tl::unexpected<ChainFault>(ChainFault{});
  if (!good && !(bundle && good.error().is_time)) {
    source->second->unknown_key();
    bundle = source->second->bundle();
    if (bundle == nullptr) {
      return refuse(Refusal::kTrustBundle, "no usable bundle of the domain is at hand");
    }
    good = bundle->authorities.verify(chain, now_s);
  }
  if (!good && plugged(ControlId::kSvidChain)) {
    return refuse(good.error().is_time ? Refusal::kSvidTime : Refusal::kSvidChain,
                  "no authority of the name's domain vouches for it: " + good.error().text);
  }
  return Known{std::move(bundle), name, good ? *good : Validity{now_s, now_s}};
}

std::optional<SvidDesk::Known> SvidDesk::recall(const Digest& chain) const {
  const MutexLock lock(mutex_);
  const auto at = known_.find(chain);
  return at != known_.end() ? std::optional<Known>(at->second) : std::nullopt;
}

Judged<std::string> SvidDesk::check(std::string_view chain_pem, std::int64_t now_s) const {
  const Digest digest = sha256(chain_pem);
  if (const std::optional<Known> before = recall(digest)) {
    const auto source = sources_.find(parse_workload_id(before->id)->domain);
    if (source->second->bundle() == before->by && holds(before->validity, now_s)) {
      return before->id;
    }
  }
  const Result<CertificateChain> chain = CertificateChain::parse(chain_pem);
  if (!chain) {
    return refuse(Refusal::kCertificate, chain.error().message);
  }
  Judged<Known> known = verify(*chain, now_s);
  if (!known) {
    return tl::unexpected<Finding>(known.error());
  }
  std::string id = known->id;
  const MutexLock lock(mutex_);
  if (known_.size() >= kMaxKnown) {
    known_.clear();
  }
  known_.insert_or_assign(digest, *std::move(known));
  return id;
}

Judged<Validity> SvidDesk::vouch(const CertificateChain& chain, std::int64_t at_s) const {
  return verify(chain, at_s).map([](const Known& known) { return known.validity; });
}

// A source gives the same bundle until it reads another.
std::uint64_t SvidDesk::generation() const {
  std::map<std::string_view, std::shared_ptr<const SpiffeBundle>> now;
  for (const auto& [domain, source] : sources_) {
    now.emplace(domain, source->bundle());
  }
  const MutexLock lock(mutex_);
  if (now != seen_) {
    seen_ = std::move(now);
    ++generation_;
  }
  return generation_;
}

void SvidDesk::refresh() const {
  for (const auto& [domain, source] : sources_) {
    source->refresh();
  }
}

BundleStatus SvidDesk::status() const {
  BundleStatus out;
  for (const auto& [domain, source] : sources_) {
    source->add_to(out);
  }
  return out;
}

std::vector<BundleTrouble> SvidDesk::troubles() const {
  std::vector<BundleTrouble> out;
  for (const auto& [domain, source] : sources_) {
    if (std::optional<BundleTrouble> trouble = source->trouble()) {
      out.push_back(*std::move(trouble));
    }
  }
  return out;
}

}  // namespace pawl::identity
