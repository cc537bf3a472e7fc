// Callers by the certificate that they showed to TLS.
#include <utility>

#include "infrastructure/identity/authenticator_impl.h"
#include "infrastructure/identity/workload_id.h"
#include "path/plugged.h"

namespace pawl::identity {

Judged<std::string> Authenticator::Impl::own_certificate_agent(const std::string& uri) const {
  std::optional<std::string> agent = own_agent_of(uri);
  if (!agent && !plugged(ControlId::kCertificate)) {
    agent = uri.substr(uri.rfind('/') + 1);
  }
  if (!agent) {
    return refuse(Refusal::kCertificate, "the URI name is no agent of this trust domain");
  }
  return *std::move(agent);
}

// Our client CA file vouches for names of our own domain, a bundle for names of its domain. The
// handshake took nobody else: client_trust() knows bundles only.
Judged<Caller> Authenticator::Impl::by_certificate(const Credentials& credentials,
                                                   WallTime now) const {
  const std::vector<std::string>& uris = *credentials.certificate_uris;
  if ((!options.mutual_tls && !svids.is_open()) || uris.size() != 1) {
    return refuse(Refusal::kCertificate, uris.size() != 1
                                             ? "expected exactly one URI name in the certificate"
                                             : "client certificates are not configured");
  }
  const std::optional<WorkloadId> id = parse_workload_id(uris.front());
  if (!id || !svids.has(id->domain)) {
    if (!options.mutual_tls) {
      return refuse(Refusal::kTrustDomain, "the certificate's name is of no domain with a bundle");
    }
    return own_certificate_agent(uris.front()).and_then([&](std::string agent) {
      return known(std::move(agent), Caller::Proof::kMutualTls);
    });
  }
  const Judged<std::string> svid = svids.check(credentials.certificate_chain, now.seconds());
  if (!svid) {
    return tl::unexpected<Finding>(svid.error());
  }
  std::optional<std::string> agent = agent_of(*svid);
  return agent ? known(*std::move(agent), Caller::Proof::kMutualTls)
               : refuse(Refusal::kUnknownAgent, "the workload is no configured agent");
}

ClientTrust Authenticator::client_trust() const {
  if (!impl_->svids.is_open() || impl_->options.clock == nullptr) {
    return {};
  }
  return [impl = impl_.get()](const std::string& chain_pem) {
    const Judged<std::string> svid =
        impl->svids.check(chain_pem, impl->options.clock->wall().seconds());
    if (!svid && impl->options.on_refusal) {
      impl->options.on_refusal(svid.error().refusal, svid.error().detail);
    }
    return svid.has_value();
  };
}

Judged<Validity> Authenticator::vouch(const CertificateChain& chain, std::int64_t at_s) const {
  return impl_->svids.vouch(chain, at_s);
}

std::uint64_t Authenticator::bundle_generation() const {
  return impl_->svids.generation();
}

void Authenticator::refresh_bundles() const {
  impl_->svids.refresh();
}

BundleStatus Authenticator::bundles() const {
  return impl_->svids.status();
}

std::vector<BundleTrouble> Authenticator::bundle_troubles() const {
  return impl_->svids.troubles();
}

}  // namespace pawl::identity
