// The Authenticator of the configuration: keys, issuers, certificates, users of the wrap socket.
// Threading: start-up; the result is immutable. Ownership: loop and pool outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "app/config/bundle_config.h"
#include "app/config/config.h"
#include "foundation/keys/keystore.h"
#include "gateway/metrics.h"
#include "infrastructure/http/client.h"
#include "infrastructure/identity/authenticator.h"
#include "infrastructure/identity/jwks_source.h"

namespace pawl {

struct AuthenticationParts {
  Files& files;
  Clock& clock;
  EventLoop& loop;
  http::ClientPool& pool;  // for JWKS URLs
  Metrics& metrics;
  std::string bundle_numbers;               // DATA/trust-bundles
  std::function<std::uint16_t()> own_port;  // of the data listener, once it listens
};

// An issuer as the authenticator takes it; `fetch` is for key sets behind URLs.
Result<identity::JwtIssuer> jwt_issuer_of(const JwtIssuerConfig& config, Files& files, Clock& clock,
                                          const identity::Fetch& fetch);

// A trust domain, likewise. `bundle_numbers`: the folder where the number of its newest bundle is
// kept; empty: nowhere, to look only.
Result<identity::TrustDomain> trust_domain_of(const TrustDomainConfig& config,
                                              const BundleConfig& bundle, Files& files,
                                              Clock& clock, const identity::Fetch& fetch,
                                              const std::string& bundle_numbers = "");

// Why a shim of this machine may not call as `agent` (empty: the default), and what to do.
std::string why_no_shim(const Config& config, const Keystore& keys, const std::string& agent);

// Errors name the agent or issuer that is wrong.
Result<std::unique_ptr<identity::Authenticator>> make_authenticator(const Config& config,
                                                                    const Keystore& keys,
                                                                    bool development,
                                                                    AuthenticationParts parts);

}  // namespace pawl
