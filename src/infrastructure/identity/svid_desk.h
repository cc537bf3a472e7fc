// X.509-SVIDs: certificates that name a workload of a trust domain.
//
// Purpose:    the domain of the one name chooses whose authorities may vouch for it: those of one
//             domain never vouch for a name of another.
// Threading:  any thread.
// Ownership:  shares the sources of the bundles.
// Errors:     a Finding with its own reason for each check.
// Not errors: a name that no agent has: that is for the Authenticator to say.
// Cost:       a chain is verified once for each bundle it is judged by, and remembered.
// Source:     X509-SVID, sections 2 to 5.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "foundation/crypto/certificate_chain.h"
#include "infrastructure/identity/bundle_source.h"
#include "infrastructure/identity/refusal.h"
#include "infrastructure/identity/wimse.h"

namespace pawl::identity {

class SvidDesk {
 public:
  explicit SvidDesk(const std::vector<TrustDomain>& domains);

  // Whether a chain of any domain could be taken.
  bool is_open() const { return !sources_.empty(); }
  bool has(std::string_view domain) const { return sources_.contains(domain); }
  // PEM, the leaf first. Its SPIFFE ID.
  Judged<std::string> check(std::string_view chain_pem, std::int64_t now_s) const;
  // When the path of a chain that somebody signed with holds; nothing is remembered.
  Judged<Validity> vouch(const CertificateChain& chain, std::int64_t at_s) const;
  // Another number whenever a bundle came, changed or went.
  std::uint64_t generation() const;

  void refresh() const;
  BundleStatus status() const;
  std::vector<BundleTrouble> troubles() const;

 private:
  struct Known {
    std::shared_ptr<const SpiffeBundle> by;
    std::string id;
    Validity validity{};
  };
  std::optional<Known> recall(const Digest& chain) const;
  Judged<Known> verify(const CertificateChain& chain, std::int64_t now_s) const;

  std::map<std::string, std::shared_ptr<BundleSource>, std::less<>> sources_;  // by domain
  mutable Mutex mutex_;
  mutable std::map<Digest, Known> known_ PAWL_GUARDED_BY(mutex_);  // by the text of the chain
  mutable std::map<std::string_view, std::shared_ptr<const SpiffeBundle>> seen_
      PAWL_GUARDED_BY(mutex_);  // by domain, of generation()
  mutable std::uint64_t generation_ PAWL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pawl::identity
