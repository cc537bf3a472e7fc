#include "gateway/parent_tokens.h"

#include <algorithm>

#include "base/log.h"
#include "path/plugged.h"

namespace pawl {

ParentTokens::ParentTokens(Instance instance, PublicKey own_key, std::string own_kid,
                           ect::KeyResolver foreign, std::size_t cache_size)
    : instance_(std::move(instance)),
      own_key_(std::move(own_key)),
      own_kid_(std::move(own_kid)),
      foreign_(std::move(foreign)),
      cache_(cache_size),
      known_(cache_size) {}

Result<PublicKey> ParentTokens::key_for(std::string_view iss, std::string_view kid) const {
  if (iss != instance_.spiffe()) {
    return foreign_ ? foreign_(iss, kid)
                    : Result<PublicKey>(fail(Code::kNotFound, "the issuer is not trusted here"));
  }
  if (kid != own_kid_) {
    return fail(Code::kNotFound, "this instance has no such key");
  }
  return own_key_;
}

Result<std::shared_ptr<const ect::Token>> ParentTokens::verified(const std::string& token,
                                                                 WallTime now) {
  ect::VerifyOptions options;
  options.now = now;
  const Digest digest = sha256(token);
  std::shared_ptr<const ect::Token> known = cache_.find(digest);
  if (known == nullptr) {
    const std::uint64_t generation = cache_.generation();
    Result<ect::Token> fresh = ect::verify_signed(
        token, [this](std::string_view iss, std::string_view kid) { return key_for(iss, kid); },
        options);
    if (!fresh) {
      return fail(Code::kTokenInvalid, fresh.error().message);
    }
    if (Status same = known_.note(*fresh); !same && plugged(ControlId::kTokenEquivocation)) {
      log(LogLevel::kError, "token_equivocation", {{"reason", same.error().message}});
      return fail(same.error());
    }
    cache_.keep(generation, digest, *fresh);
    known = std::make_shared<const ect::Token>(*std::move(fresh));
  }
  // What we issued stands in our ledger since before it was released: judged as of then.
  options.check_times = known->claims.iss != instance_.spiffe();
  if (Status presented = ect::check_presented(known->claims, options); !presented) {
    return fail(Code::kTokenInvalid, presented.error().message);
  }
  return known;
}

Status ParentTokens::check_presenter(const ect::Token& token, const Caller& caller) const {
  const std::string self = instance_.agent(caller.agent);
  const std::vector<std::string>& aud = token.claims.aud;
  if (token.claims.iss == self || std::find(aud.begin(), aud.end(), self) != aud.end() ||
      !plugged(ControlId::kTokenPresenter)) {
    return {};
  }
  return fail(Code::kTokenInvalid, "wrong_presenter: token " + token.claims.jti.text() +
                                       " was not made for agent \"" + caller.agent + "\"");
}

Status ParentTokens::add_cause(const ect::Claims& claims, Action& action, WallTime now) const {
  if (claims.iat > now.seconds() + ect::kClockSkewSeconds) {
    return fail(Code::kTokenInvalid, "parent_newer: token " + claims.jti.text());
  }
  if (claims.wid && action.workflow && *claims.wid != *action.workflow) {
    return fail(Code::kTokenInvalid, "workflow_mismatch: the tokens name two workflows");
  }
  if (claims.wid) {
    action.workflow = claims.wid;
  }
  const bool again = std::any_of(action.causes.begin(), action.causes.end(),
                                 [&](const Cause& cause) { return cause.parent == claims.jti; });
  if (!again) {
    action.causes.push_back({claims.jti, Basis::kDeclared});
  }
  return {};
}

Status ParentTokens::resolve(Action& action, WallTime now) {
  if (action.parent_tokens.size() > ect::kMaxParents) {
    return fail(Code::kTokenInvalid, "too_many_parents: at most 100 tokens");
  }
  std::vector<std::shared_ptr<const ect::Token>> presented;
  bool any_foreign = false;
  for (const std::string& text : action.parent_tokens) {
    Result<std::shared_ptr<const ect::Token>> token = verified(text, now);
    if (!token) {
      return fail(token.error());
    }
    if (Status right = check_presenter(**token, action.caller); !right) {
      return right;
    }
    if (Status fits = add_cause((*token)->claims, action, now); !fits) {
      return fits;
    }
    const bool twice = std::any_of(presented.begin(), presented.end(), [&](const auto& other) {
      return other->compact == (*token)->compact;
    });
    if (!twice) {
      any_foreign = any_foreign || (*token)->claims.iss != instance_.spiffe();
      presented.push_back(std::move(*token));
    }
  }
  if (any_foreign && plugged(ControlId::kTokenGraph)) {
    Result<std::vector<Uuid>> missing =
        check_presented_graph(presented, instance_.spiffe(), recorded_);
    if (!missing) {
      return fail(missing.error());
    }
    action.missing_parents = std::move(*missing);
  }
  return {};
}

}  // namespace pawl
