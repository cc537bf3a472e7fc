// What a workload signed itself: ParentTokens, third part. Threading: the I/O thread.
#include "gateway/workload_tokens.h"

#include <algorithm>

#include "gateway/parent_tokens.h"
#include "path/proof_names.h"

namespace pawl {

std::optional<ect::WitKey> workload_of(const Caller& caller) {
  if (caller.proven_by == nullptr) {
    return std::nullopt;
  }
  const auto at = std::find_if(caller.proven_by->begin(), caller.proven_by->end(),
                               [](const std::string& name) { return name.starts_with(kWitName); });
  if (at == caller.proven_by->end()) {
    return std::nullopt;
  }
  Result<ect::WitKey> wit = ect::read_wit(at->substr(kWitName.size()));
  return wit ? std::optional<ect::WitKey>(*std::move(wit)) : std::nullopt;
}

// Of our own name there is no workload: what has our `iss` counts as a record of ours, which stands
// in the ledger, and so it is of our own keys, whatever a trust domain says.
std::optional<ect::WitKey> ParentTokens::workload_shown(const Caller& caller) const {
  std::optional<ect::WitKey> shown = workload_of(caller);
  return shown && shown->subject != instance_.spiffe() ? std::move(shown) : std::nullopt;
}

// Kept with the WIT that its key came from: nobody else's presentation is verified by it.
ParentTokens::Known ParentTokens::workload_token(const std::string& text,
                                                 const ect::WitKey& workload,
                                                 const ect::VerifyOptions& options) {
  const Digest digest = sha256({text, "\n", workload.wit});
  if (std::shared_ptr<const ect::Token> known = cache_.find(digest)) {
    return known;
  }
  const std::uint64_t generation = cache_.generation();
  Result<ect::Token> fresh = ect::verify_by_wit(text, workload, options);
  if (!fresh) {
    return fail(fresh.error());
  }
  thumbprints_.insert_or_assign(place_of(fresh->claims.iss, fresh->kid), workload.key.thumbprint());
  cache_.keep(generation, digest, *fresh);
  return std::make_shared<const ect::Token>(*std::move(fresh));
}

}  // namespace pawl
