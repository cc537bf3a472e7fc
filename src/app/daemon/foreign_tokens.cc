#include "app/daemon/foreign_tokens.h"

#include "app/daemon/policy_keys.h"
#include "app/daemon/token_fetcher.h"
#include "app/daemon/trusted_tokens.h"

namespace pawl {
namespace {

using identity::Refusal;

// A Finding of the identity's as the reason of a token.
std::string_view reason_of(Refusal refusal) {
  return refusal == Refusal::kSvidTime    ? ect::kReasonChainTime
         : refusal == Refusal::kSvidChain ? ect::kReasonChain
         : refusal == Refusal::kCertificate || refusal == Refusal::kSvidAuthority
             ? ect::kReasonLeaf
             : ect::kReasonUntrusted;
}

// The bundles are the authenticator's: a domain has one look at them, for callers and tokens.
void add_domains(ForeignKeys& keys, const std::unique_ptr<identity::Authenticator>& domains) {
  keys.vouch = [&domains](const ect::ChainKey& key,
                          std::int64_t at_s) -> tl::expected<Validity, ect::ChainRefusal> {
    if (domains == nullptr) {
      return tl::unexpected(ect::ChainRefusal{ect::kReasonUntrusted, "no domain is known yet"});
    }
    return domains->vouch(key.chain, at_s).map_error([](const identity::Finding& finding) {
      return ect::ChainRefusal{reason_of(finding.refusal), finding.detail};
    });
  };
  keys.generation = [&domains, of_issuers = std::move(keys.generation)] {
    return (of_issuers ? of_issuers() : 0) + (domains ? domains->bundle_generation() : 0);
  };
}

}  // namespace

void add_foreign_tokens(GovernanceOptions& options, const ForeignTokenParts& parts) {
  options.older_records = parts.lookup.older();
  options.older_records_ready = parts.lookup.ready();
  options.foreign_keys =
      trusted_token_keys(parts.config, parts.files, parts.clock, parts.loop, parts.pool);
  add_domains(options.foreign_keys, parts.authenticator);
  options.policy_keys =
      policy_token_keys(parts.config, parts.files, parts.clock, parts.loop, parts.pool);
  options.token_source = TokenFetcher::source(
      std::make_shared<TokenFetcher>(parts.config, parts.pool, parts.scheduler, parts.clock));
}

}  // namespace pawl
