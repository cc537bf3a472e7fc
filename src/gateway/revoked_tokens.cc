// Presented tokens and what was revoked: ParentTokens, second part. Threading: the I/O thread.
#include "gateway/parent_tokens.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl {
namespace {

using override_::Revocation;

std::string told(const Revocation& revocation) {
  return revocation.target + " was revoked by an operator" +
         (revocation.reason.empty() ? "" : ": " + revocation.reason);
}

}  // namespace

// What a revoked key or certificate vouches for is not looked at either. Our own tokens are of our
// own keys, whatever an authority says of our name.
tl::expected<Validity, ect::ChainRefusal> ParentTokens::vouched(const ect::ChainKey& key,
                                                                std::int64_t at_s) const {
  const auto refused = [](std::string_view reason, std::string text) {
    return tl::unexpected(ect::ChainRefusal{reason, std::move(text)});
  };
  if (key.subject == instance_.spiffe() || !foreign_.vouch) {
    return refused(ect::kReasonUntrusted, "no certificate counts for this name");
  }
  const auto set =
      board_ != nullptr && plugged(ControlId::kTokenRevoked) ? board_->revoked() : nullptr;
  const Revocation* found = set == nullptr
                                ? nullptr
                                : set->first_of({key_name(key.key.thumbprint()),
                                                 certificate_name(key.chain.thumbprint())});
  return found == nullptr ? foreign_.vouch(key, at_s) : refused("revoked_key", told(*found));
}

std::string ParentTokens::place_of(std::string_view iss, std::string_view kid) {
  return std::string(iss).append("\n").append(kid);
}

// The key by its thumbprint, too: the same key under another kid, or of another issuer, is as
// stolen. What a revoked key signed is not looked at: `revoked` gets the refusal.
Result<PublicKey> ParentTokens::key_in_force(std::string_view iss, std::string_view kid,
                                             std::string& revoked) {
  Result<PublicKey> key = key_for(iss, kid);
  if (!key) {
    return key;
  }
  const std::string thumbprint = key->thumbprint();
  if (thumbprint != kid) {
    thumbprints_.insert_or_assign(place_of(iss, kid), thumbprint);
  }
  const Revocation* found = nullptr;
  const auto set =
      board_ != nullptr && plugged(ControlId::kTokenRevoked) ? board_->revoked() : nullptr;
  for (const std::string& name : {key_name(kid), key_name(thumbprint)}) {
    found = found == nullptr && set != nullptr ? set->of_target(name) : found;
  }
  if (found != nullptr) {
    revoked = "revoked_key: " + told(*found);
    return fail(Code::kNotFound, revoked);
  }
  return key;
}

// At each presentation, whether or not the token was kept; and noted, so that a revocation reaches
// the call while it runs.
Status ParentTokens::check_revoked(const ect::Token& token, Action& action) const {
  std::vector<std::string> names{token_name(token.claims.iss, token.claims.jti.text())};
  if (!token.kid.empty()) {
    names.push_back(key_name(token.kid));
  }
  if (token.chain) {
    names.push_back(certificate_name(token.chain->certificate));
  }
  const auto thumbprint = thumbprints_.find(place_of(token.claims.iss, token.kid));
  if (thumbprint != thumbprints_.end()) {
    names.push_back(key_name(thumbprint->second));
  }
  if (board_ != nullptr && plugged(ControlId::kTokenRevoked)) {
    const std::shared_ptr<const override_::RevokedSet> revoked = board_->revoked();
    const Revocation* found = revoked->first_of(names);
    for (const Uuid& parent : revoked->empty() ? std::vector<Uuid>{} : token.claims.pred) {
      found = found == nullptr ? revoked->of_target(token_name(token.claims.iss, parent.text()))
                               : found;
    }
    if (found != nullptr) {
      const bool by_key = !found->target.starts_with("token:");
      return fail(Code::kTokenInvalid,
                  (by_key ? "revoked_key: " : "revoked_token: ") + told(*found));
    }
  }
  action.presented_names.insert(action.presented_names.end(), names.begin(), names.end());
  return {};
}

}  // namespace pawl
