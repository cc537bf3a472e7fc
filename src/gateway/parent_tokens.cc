#include "gateway/parent_tokens.h"

#include <algorithm>

#include "foundation/crypto/algorithm.h"
#include "foundation/records/names.h"
#include "gateway/workload_tokens.h"
#include "path/plugged.h"
#include "path/proof_names.h"

namespace pawl {
namespace {

Status refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

// Whether the caller showed the certificate that the token was verified by.
bool is_of_certificate(const ect::Token& token, const Caller& caller) {
  return token.chain && caller.proven_by != nullptr &&
         std::find(caller.proven_by->begin(), caller.proven_by->end(),
                   certificate_name(token.chain->certificate)) != caller.proven_by->end();
}

Status too_weak(const std::string& what, ect::Level minimum) {
  return refuse("level: " + what + "; at least " + std::string(ect::level_name(minimum)) +
                " is needed (tokens.minimum_level)");
}

}  // namespace

std::string_view token_problem(std::string_view message) {
  const std::string_view reason = message.substr(0, message.find(':'));
  return reason == "level"                ? "ect-level"
         : reason == "equivocation"       ? "ect-replay"
         : reason == "parent_unknown"     ? "parent-unknown"
         : reason.starts_with("revoked_") ? "ect-revoked"
                                          : "ect-invalid";
}

ParentTokens::ParentTokens(Instance instance, PublicKey own_key, std::string own_kid,
                           ForeignKeys foreign, TokenRules rules, std::size_t cache_size)
    : instance_(std::move(instance)),
      own_key_(std::move(own_key)),
      own_kid_(std::move(own_kid)),
      foreign_(std::move(foreign)),
      rules_(std::move(rules)),
      cache_(cache_size),
      memory_(cache_size) {}

Result<PublicKey> ParentTokens::key_for(std::string_view iss, std::string_view kid) const {
  if (iss != instance_.spiffe()) {
    return foreign_.resolve
               ? foreign_.resolve(iss, kid)
               : Result<PublicKey>(fail(Code::kNotFound, "the issuer is not trusted here"));
  }
  const auto former = former_keys_.find(kid);
  if (kid != own_kid_ && former == former_keys_.end()) {
    return fail(Code::kNotFound, "this gateway's own tokens are those of its own keys");
  }
  return kid == own_kid_ ? own_key_ : former->second.key;
}

void ParentTokens::own_keys(PublicKey key, std::string kid, FormerKeys former) {
  own_key_ = std::move(key);
  own_kid_ = std::move(kid);
  former_keys_ = std::move(former);
  cache_.clear();
}

// Whoever holds a retired key can sign with it still, but nothing that we signed.
Status ParentTokens::check_own_key(const ect::Token& token) const {
  if (token.dialect == ect::Dialect::kEctCbor00 && token.claims.iss == instance_.spiffe()) {
    return refuse("unknown_key: this instance issues no token in CBOR form");
  }
  const auto former =
      token.claims.iss == instance_.spiffe() ? former_keys_.find(token.kid) : former_keys_.end();
  return former == former_keys_.end() || token.claims.iat <= former->second.until_s ||
                 !plugged(ControlId::kRetiredKey)
             ? Status{}
             : fail(Code::kTokenInvalid, "retired_key: token " + token.claims.jti.text() +
                                             " is later than the retirement of its key");
}

// What was verified with a key that went or changed must not pass for verified.
void ParentTokens::drop_after_key_change() {
  const std::uint64_t now = foreign_.generation ? foreign_.generation() : 0;
  if (now != foreign_generation_) {
    foreign_generation_ = now;
    thumbprints_.clear();
    cache_.clear();
  }
}

ParentTokens::Known ParentTokens::verified_token(const std::string& text,
                                                 const ect::VerifyOptions& options) {
  const Digest digest = sha256(text);
  if (std::shared_ptr<const ect::Token> known = cache_.find(digest)) {
    return known;
  }
  const std::uint64_t generation = cache_.generation();
  std::string revoked;
  ect::VerifyOptions asked = options;
  asked.vouch = [this](const ect::ChainKey& key, std::int64_t at_s) { return vouched(key, at_s); };
  Result<ect::Token> fresh = ect::verify_signed(
      text,
      [&](std::string_view iss, std::string_view kid) { return key_in_force(iss, kid, revoked); },
      asked);
  if (!fresh) {
    return fail(Code::kTokenInvalid, revoked.empty() ? fresh.error().message : revoked);
  }
  cache_.keep(generation, digest, *fresh);
  return std::make_shared<const ect::Token>(*std::move(fresh));
}

ParentTokens::Known ParentTokens::signed_token(const std::string& text, const ect::WitKey* workload,
                                               WallTime now) {
  ect::VerifyOptions options;
  options.now = now;
  options.algorithms = plugged(ControlId::kTokenAlgorithms) ? rules_.algorithms : algorithm_names();
  options.accept_cbor = rules_.accept_cbor || !plugged(ControlId::kTokenForm);
  Known known = workload != nullptr && ect::is_of_wit(text, *workload)
                    ? workload_token(text, *workload, options)
                    : verified_token(text, options);
  if (!known) {
    return known;
  }
  const ect::Token& token = **known;
  if (Status valid = check_own_key(token); !valid) {
    return fail(valid.error());
  }
  if (foreign_.rules && plugged(ControlId::kTokenForm)) {
    if (Status fits = foreign_.rules(token); !fits) {
      return fail(fits.error());
    }
  }
  const bool is_own = token.claims.iss == instance_.spiffe();
  Status same = is_own ? Status{} : memory_.recall(token, now);
  // What stands in our ledger is judged as of its recording: ours stood there before it was
  // released.
  options.check_times = !is_own && memory_.keeping(token) != ect::Keeping::kKept;
  // What a certificate of yesterday signs now must not become known.
  same = same && token.chain ? ect::check_presented(token, options) : same;
  same = same ? note(*known) : same;
  if (!same) {
    return fail(same.error());
  }
  if (Status presented = ect::check_presented(token.claims, options); !presented) {
    return fail(Code::kTokenInvalid, presented.error().message);
  }
  return known;
}

// Nothing but the transport vouches for it, and that only for its presenter's own words.
ParentTokens::Known ParentTokens::unsigned_token(const std::string& text, const Caller& caller,
                                                 WallTime now) {
  if (rules_.minimum > ect::Level::kL1 && plugged(ControlId::kTokenLevel)) {
    return fail(too_weak("the token is unsigned (L1)", rules_.minimum).error());
  }
  Result<ect::Token> token = ect::read_unsigned(text);
  if (!token) {
    return fail(token.error());
  }
  const bool speaks_for_itself =
      caller.proof != Caller::Proof::kNone && token->claims.iss == instance_.agent(caller.agent);
  if (!speaks_for_itself && plugged(ControlId::kTokenPresenter)) {
    return fail(Code::kTokenInvalid,
                "wrong_presenter: an unsigned token counts from its own issuer only, " +
                    instance_.agent(caller.agent) + ", and where the transport proves who calls");
  }
  auto known = std::make_shared<const ect::Token>(*std::move(token));
  Status same = memory_.recall(*known, now);
  same = same ? note(known) : same;
  if (!same) {
    return fail(same.error());
  }
  ect::VerifyOptions options;
  options.now = now;
  options.check_times = memory_.keeping(*known) != ect::Keeping::kKept;
  if (Status presented = ect::check_presented(known->claims, options); !presented) {
    return fail(presented.error());
  }
  return known;
}

Status ParentTokens::note(const std::shared_ptr<const ect::Token>& token) {
  const bool is_new = !memory_.knows(*token);
  Status same = memory_.note(*token);
  if (same && is_new) {
    noted_.push_back(token);
  }
  return same;
}

// Else a token that counts for nothing would make the next one under its id an equivocation.
void ParentTokens::forget_refused() {
  for (const auto& token : noted_) {
    memory_.forget(*token);
  }
}

ParentTokens::Known ParentTokens::token_of(const std::string& text, const Caller& caller,
                                           const ect::WitKey* workload, WallTime now) {
  return ect::looks_unsigned(text) ? unsigned_token(text, caller, now)
                                   : signed_token(text, workload, now);
}

Status ParentTokens::check_presenter(const ect::Token& token, const Caller& caller,
                                     const ect::WitKey* workload) const {
  const std::string self = instance_.agent(caller.agent);
  const std::vector<std::string>& aud = token.claims.aud;
  const bool is_own =
      (workload != nullptr && ect::is_of_wit(token, *workload)) || is_of_certificate(token, caller);
  if (is_own || token.claims.iss == self || std::find(aud.begin(), aud.end(), self) != aud.end() ||
      !plugged(ControlId::kTokenPresenter)) {
    return {};
  }
  return refuse("wrong_presenter: token " + token.claims.jti.text() + " was not made for agent \"" +
                caller.agent + "\"");
}

Status ParentTokens::add_cause(const ect::Claims& claims, Action& action, WallTime now) const {
  if (claims.iat > now.seconds() + ect::kClockSkewSeconds) {
    return refuse("parent_newer: token " + claims.jti.text());
  }
  if (claims.wid && action.workflow && *claims.wid != *action.workflow &&
      !rules_.graph.allow_other_workflow) {
    return refuse("workflow_mismatch: the tokens name two workflows");
  }
  if (!action.workflow) {
    action.workflow = claims.wid;  // of several, the first one's
  }
  const bool again = std::any_of(action.causes.begin(), action.causes.end(),
                                 [&](const Cause& cause) { return cause.parent == claims.jti; });
  if (again) {
    return {};
  }
  // The call may have a cause of another origin: a record with more could not be signed.
  if (action.causes.size() >= ect::kMaxParents) {
    return refuse("too_many_parents: a call has at most 100 causes");
  }
  action.causes.push_back({claims.jti, Basis::kDeclared});
  return {};
}

Status ParentTokens::check_level(const PresentedTokens& tokens, Action& action) const {
  ect::Level weakest = ect::Level::kL3;
  for (const auto& token : tokens) {
    const ect::Level level = level_of(*token, instance_.spiffe(), memory_.records());
    if (level < rules_.minimum && plugged(ControlId::kTokenLevel)) {
      return too_weak("token " + token->claims.jti.text() + " is of level " +
                          std::string(ect::level_name(level)) + ", or comes from such a one",
                      rules_.minimum);
    }
    weakest = ect::weakest(weakest, level);
  }
  if (weakest < ect::Level::kL3) {
    action.presented_level = ect::level_name(weakest);
  }
  return {};
}

Result<GraphFinding> ParentTokens::check_graph(const PresentedTokens& tokens,
                                               bool may_fetch) const {
  const bool any_foreign = std::any_of(tokens.begin(), tokens.end(), [this](const auto& token) {
    return token->claims.iss != instance_.spiffe();
  });
  if (!any_foreign || !plugged(ControlId::kTokenGraph)) {
    return GraphFinding{};
  }
  GraphRules rules = rules_.graph;
  rules.allow_partial = rules.allow_partial || may_fetch;
  return check_presented_graph(tokens, instance_.spiffe(), memory_.records(), rules);
}

bool ParentTokens::begin_keeping(const ect::Token& token) {
  if (memory_.keeping(token) != ect::Keeping::kNot) {
    return false;
  }
  memory_.set_keeping(token, ect::Keeping::kUnderWay);
  return plugged(ControlId::kTokenKept);
}

// The first `presented` of them were presented, the others fetched.
TakenTokens ParentTokens::taken_of(const PresentedTokens& tokens, std::size_t presented,
                                   const GraphFinding& found, const ect::WitKey* workload) {
  TakenTokens out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::shared_ptr<const ect::Token>& token = tokens[i];
    if (token->claims.iss == instance_.spiffe()) {
      continue;
    }
    const std::vector<Uuid> missing =
        i < found.missing_of.size() ? found.missing_of[i] : std::vector<Uuid>{};
    for (const Uuid& id : missing) {
      out.unknown.push_back({id, token->claims.iss});
    }
    if (memory_.keeping(*token) == ect::Keeping::kNot) {
      const bool by_wit = i < presented && workload != nullptr && ect::is_of_wit(*token, *workload);
      out.fresh.push_back({token, level_of(*token, instance_.spiffe(), memory_.records()), missing,
                           i >= presented, by_wit ? workload->wit : std::string()});
    }
  }
  put_parents_first(out.fresh);
  return out;
}

ParentTokens::Known ParentTokens::judge_fetched(const std::string& text, const WantedToken& wanted,
                                                WallTime now) {
  if (ect::looks_unsigned(text)) {
    return fail(Code::kTokenInvalid, "level: a fetched token must be signed");
  }
  Known token = signed_token(text, nullptr, now);
  const bool is_wanted =
      token && (*token)->claims.jti == wanted.id && (*token)->claims.iss == wanted.issuer;
  return !token || is_wanted || !plugged(ControlId::kFetchedToken)
             ? token
             : fail(Code::kTokenInvalid, "another token than the one that was asked for");
}

ParentTokens::Known ParentTokens::take_fetched(const std::string& text, const WantedToken& wanted,
                                               WallTime now) {
  Known token = judge_fetched(text, wanted, now);
  if (!token) {
    forget_refused();
  }
  noted_.clear();
  return token;
}

Result<PresentedTokens> ParentTokens::presented_of(Action& action, const ect::WitKey* workload,
                                                   WallTime now) {
  PresentedTokens presented;
  for (const std::string& text : action.parent_tokens) {
    Known token = token_of(text, action.caller, workload, now);
    if (!token) {
      return fail(token.error());
    }
    Status fits = check_revoked(**token, action);
    fits = fits ? check_presenter(**token, action.caller, workload) : fits;
    fits = fits ? add_cause((*token)->claims, action, now) : fits;
    if (!fits) {
      return fail(fits.error());
    }
    const bool twice = std::any_of(presented.begin(), presented.end(), [&](const auto& other) {
      return other->compact == (*token)->compact;
    });
    if (!twice) {
      presented.push_back(std::move(*token));
    }
  }
  return presented;
}

Result<TakenTokens> ParentTokens::resolve(Action& action, WallTime now,
                                          const PresentedTokens& along, bool may_fetch) {
  Result<TakenTokens> taken = judge(action, now, along, may_fetch);
  if (!taken) {
    forget_refused();
  }
  noted_.clear();
  return taken;
}

Result<TakenTokens> ParentTokens::judge(Action& action, WallTime now, const PresentedTokens& along,
                                        bool may_fetch) {
  if (action.parent_tokens.empty()) {
    return TakenTokens{};
  }
  if (action.parent_tokens.size() > ect::kMaxParents) {
    return fail(Code::kTokenInvalid, "too_many_parents: at most 100 tokens");
  }
  drop_after_key_change();
  action.presented_names.clear();
  const std::optional<ect::WitKey> shown = workload_shown(action.caller);
  const ect::WitKey* workload = shown ? &*shown : nullptr;
  Result<PresentedTokens> tokens = presented_of(action, workload, now);
  Status counts = tokens ? Status{} : Status(fail(tokens.error()));
  for (const auto& token : along) {
    counts = counts ? check_revoked(*token, action) : counts;
  }
  if (!counts) {
    return fail(counts.error());
  }
  const std::size_t presented = tokens->size();
  const bool decided = rules_.graph.refuse_unapproved && plugged(ControlId::kTokenApproval);
  Status good = decided ? check_presented_decisions(*tokens) : Status{};
  tokens->insert(tokens->end(), along.begin(), along.end());
  good = good ? check_level(*tokens, action) : good;
  Result<GraphFinding> found = good ? check_graph(*tokens, may_fetch) : fail(good.error());
  if (!found) {
    return fail(found.error());
  }
  TakenTokens taken = taken_of(*tokens, presented, *found, workload);
  action.missing_parents = std::move(found->missing);
  return taken;
}

}  // namespace pawl
