// Callers by what stands in Authorization and in the fields of workload identity.
#include <algorithm>
#include <utility>

#include "infrastructure/identity/authenticator_impl.h"
#include "infrastructure/identity/http_signature.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

tl::unexpected<Finding> of_agent(Finding finding, const std::string& agent) {
  finding.agent = agent;
  return tl::unexpected<Finding>(std::move(finding));
}

// The WPT of the request: in Authorization, or in the field of earlier drafts; nullopt: an HTTP
// message signature came instead. Exactly one of the three.
Judged<std::optional<std::string_view>> shown_proof(
    const http::Request& request, const std::optional<AuthorizationField>& field) {
  const bool by_scheme = field && field->scheme == Scheme::kWpt;
  const bool by_signature = has_wimse_signature(request.headers);
  if (request.headers.count(kFieldWpt) + (by_scheme ? 1 : 0) + (by_signature ? 1 : 0) != 1) {
    return refuse(Refusal::kProofMissing,
                  "expected one proof beside the workload identity token: a WPT or a signature");
  }
  return by_signature ? std::nullopt
         : by_scheme  ? std::optional<std::string_view>(field->token)
                      : request.headers.get(kFieldWpt);
}

// Tokens of a configured issuer are judged by what is configured of it, whomever they name.
bool is_of_issuer(const jose::Jws& token, const std::vector<JwtIssuer>& issuers) {
  const auto iss = json::find_string(token.payload, {"iss"});
  return std::any_of(issuers.begin(), issuers.end(),
                     [&](const JwtIssuer& one) { return iss && one.issuer == *iss; });
}

bool shows_workload(const http::Request* request, const std::optional<AuthorizationField>& field) {
  return (field && field->scheme == Scheme::kWpt) ||
         (request != nullptr &&
          (request->headers.has(kFieldWit) || request->headers.has(kFieldWpt) ||
           has_wimse_signature(request->headers)));
}

}  // namespace

Judged<Authenticator::Impl::Proven> Authenticator::Impl::by_key_or_jwt(
    const AuthorizationField& field, const http::Request* request, WallTime now) const {
  const Digest digest = sha256(field.token);
  if (const auto at = keys.find(digest); at != keys.end() &&
                                         equal_constant_time(view(at->first), view(digest)) &&
                                         field.scheme == Scheme::kBearer) {
    return known(at->second.agent, Caller::Proof::kBearerKey).map([&](Caller caller) {
      caller.proven_by = at->second.name;
      return Proven{std::move(caller)};
    });
  }
  const bool is_jwt = std::count(field.token.begin(), field.token.end(), '.') == 2;
  if (is_jwt && svids.is_open()) {
    const Result<jose::Jws> token = jose::decode(std::string(field.token));
    const TrustDomain* domain = token ? jwt_svid_domain(*token, options.trust_domains) : nullptr;
    if (domain != nullptr && !is_of_issuer(*token, options.issuers)) {
      return by_jwt_svid(*token, *domain, field.scheme, now);
    }
  }
  if (options.issuers.empty() || !is_jwt) {
    if (!plugged(ControlId::kBearerKey) && !groups.empty()) {
      return known(groups.begin()->first, Caller::Proof::kBearerKey).map([](Caller caller) {
        return Proven{std::move(caller)};
      });
    }
    return refuse(Refusal::kUnknownKey, "no agent has this key");
  }
  return by_jwt(field, request, now);
}

Judged<Authenticator::Impl::Proven> Authenticator::Impl::by_jwt(const AuthorizationField& field,
                                                                const http::Request* request,
                                                                WallTime now) const {
  Judged<JwtIdentity> identity = verify_jwt(std::string(field.token), options.issuers, now);
  if (!identity) {
    return tl::unexpected<Finding>(identity.error());
  }
  Judged<Caller> caller =
      known(own_agent_of(identity->agent).value_or(identity->agent), Caller::Proof::kJwt);
  if (!caller) {
    return tl::unexpected<Finding>(caller.error());
  }
  caller->proven_by = proven_by_jwt(*identity);
  caller->on_behalf_of = std::move(identity->on_behalf_of);
  caller->actors = std::move(identity->actors);
  caller->groups.insert(caller->groups.end(), identity->groups.begin(), identity->groups.end());
  sort_unique(caller->groups);
  Proven proven{*std::move(caller)};
  if (const Judged<void> good = judge_binding(proven, *identity, field, request, now); !good) {
    return of_agent(good.error(), proven.caller.agent);
  }
  return proven;
}

Judged<Authenticator::Impl::Proven> Authenticator::Impl::by_jwt_svid(const jose::Jws& token,
                                                                     const TrustDomain& domain,
                                                                     Scheme scheme,
                                                                     WallTime now) const {
  const Judged<JwtSvid> svid = check_jwt_svid(token, domain, now.seconds());
  if (!svid) {
    return tl::unexpected<Finding>(svid.error());
  }
  if (scheme != Scheme::kBearer) {
    return refuse(Refusal::kTokenUnbound, "expected Bearer: a JWT-SVID is bound to no key");
  }
  const std::optional<std::string> agent = agent_of(svid->id);
  Judged<Caller> caller =
      agent ? known(*agent, Caller::Proof::kJwt)
            : refuse(Refusal::kUnknownAgent, "the workload is no configured agent");
  if (!caller) {
    return tl::unexpected<Finding>(caller.error());
  }
  caller->proven_by = proven_by_svid(*svid);
  return Proven{*std::move(caller)};
}

// A token that is bound to a key is good with a proof by that key and under the scheme DPoP; one
// that is not, without any.
Judged<void> Authenticator::Impl::judge_binding(Proven& proven, const JwtIdentity& identity,
                                                const AuthorizationField& field,
                                                const http::Request* request, WallTime now) const {
  const bool as_bound = field.scheme == Scheme::kDpop;
  if (identity.bound_to.empty()) {
    if (identity.issuer->must_be_bound && plugged(ControlId::kTokenBinding)) {
      return refuse(Refusal::kTokenUnbound, "expected a token that is bound to a key (cnf.jkt)");
    }
    if (as_bound || (request != nullptr && request->headers.has(kFieldDpop))) {
      return refuse(Refusal::kTokenUnbound,
                    "expected Bearer and no proof: the token is bound to no key");
    }
    return {};
  }
  if (!as_bound || request == nullptr) {
    if (!plugged(ControlId::kTokenBinding)) {
      return {};
    }
    return refuse(Refusal::kTokenBound,
                  "expected the scheme DPoP and a proof: the token is bound to a key");
  }
  Judged<ShownProof> proof = proofs.dpop(*request, field.token, identity, now.seconds());
  if (!proof) {
    return tl::unexpected<Finding>(proof.error());
  }
  proven.caller.proof = Caller::Proof::kDpop;
  proven.proof = *proof;
  return {};
}

Judged<Authenticator::Impl::Proven> Authenticator::Impl::by_workload(
    const http::Request& request, const std::optional<AuthorizationField>& field, WallTime now,
    Pass pass) const {
  if (request.headers.count(kFieldWit) != 1) {
    return refuse(Refusal::kNoCredential, "expected one Workload-Identity-Token");
  }
  const Judged<Wit> wit =
      check_wit(*request.headers.get(kFieldWit), options.trust_domains, now.seconds());
  if (!wit) {
    return tl::unexpected<Finding>(wit.error());
  }
  const std::optional<std::string> agent = agent_of(wit->subject);
  Judged<Caller> caller =
      agent ? known(*agent, Caller::Proof::kWpt)
            : refuse(Refusal::kUnknownAgent, "the workload is no configured agent");
  if (!caller) {
    return tl::unexpected<Finding>(caller.error());
  }
  const Judged<ShownProof> good = judge_workload(request, field, *wit, now.seconds(), pass);
  if (!good) {
    return of_agent(good.error(), *agent);
  }
  caller->proven_by = proven_by_wit(*wit);
  caller->proof =
      has_wimse_signature(request.headers) ? Caller::Proof::kHttpSignature : Caller::Proof::kWpt;
  return Proven{*std::move(caller), *good};
}

Judged<ShownProof> Authenticator::Impl::judge_workload(
    const http::Request& request, const std::optional<AuthorizationField>& field, const Wit& wit,
    std::int64_t now_s, Pass pass) const {
  const Judged<std::optional<std::string_view>> proof = shown_proof(request, field);
  if (!proof) {
    return tl::unexpected<Finding>(proof.error());
  }
  if (!*proof) {
    return proofs.signature(request, wit, now_s, pass);
  }
  std::optional<std::string> beside;
  if (field && field->scheme != Scheme::kWpt) {
    beside = std::string(field->token);
  }
  return proofs.wpt(request, **proof, wit, beside, now_s);
}

Judged<std::optional<Caller>> Authenticator::Impl::by_tokens(const Credentials& credentials,
                                                             WallTime now, Pass pass) const {
  std::optional<AuthorizationField> field;
  if (credentials.authorization) {
    const Judged<AuthorizationField> parsed = parse_authorization(*credentials.authorization);
    if (!parsed) {
      return tl::unexpected<Finding>(parsed.error());
    }
    field = *parsed;
  }
  std::vector<Proven> shown;
  const auto keep = [&](Judged<Proven> one) -> Judged<void> {
    return one.map([&](Proven proven) { shown.push_back(std::move(proven)); });
  };
  Judged<void> good;
  if (field && field->scheme != Scheme::kWpt) {
    good = keep(by_key_or_jwt(*field, credentials.request, now));
  }
  if (good && credentials.request != nullptr && credentials.request->headers.has(kFieldDpop) &&
      (shown.empty() || !shown.front().proof)) {
    return of_agent(
        {Refusal::kTokenUnbound, "expected no DPoP field: what was shown is bound to no key"},
        shown.empty() ? "" : shown.front().caller.agent);
  }
  if (good && shows_workload(credentials.request, field)) {
    good = credentials.request != nullptr
               ? keep(by_workload(*credentials.request, field, now, pass))
               : refuse(Refusal::kProofMissing, "expected a request to which the proof belongs");
  }
  if (good && shown.size() == 2 && shown[0].caller.agent != shown[1].caller.agent) {
    good = refuse(Refusal::kConflict, "two tokens name two agents");
  }
  for (const Proven& one : shown) {
    if (good && one.proof) {
      good = proofs.once(one.caller.agent, *one.proof, now.seconds(), pass);
      if (!good) {
        return of_agent(good.error(), one.caller.agent);
      }
    }
  }
  if (!good) {
    return tl::unexpected<Finding>(good.error());
  }
  if (shown.empty()) {
    return std::optional<Caller>();
  }
  // What a token says of people and groups holds; the workload's proof is the stronger one.
  Caller caller = std::move(shown.front().caller);
  caller.proof = shown.back().caller.proof;
  if (shown.size() == 2) {
    caller.proven_by = both(caller.proven_by, shown.back().caller.proven_by);
  }
  return std::optional<Caller>(std::move(caller));
}

DenialContext Authenticator::Impl::denial_context(const Credentials& credentials,
                                                  std::int64_t now_s) const {
  DenialContext context;
  for (const JwtIssuer& issuer : options.issuers) {
    context.dpop_algorithms.insert(context.dpop_algorithms.end(), issuer.algorithms.begin(),
                                   issuer.algorithms.end());
  }
  sort_unique(context.dpop_algorithms);
  context.takes_wpt = !options.trust_domains.empty();
  context.nonce = proofs.nonce(now_s);
  if (credentials.authorization) {
    if (const auto field = parse_authorization(*credentials.authorization)) {
      context.shown = field->scheme;
    }
  }
  return context;
}

}  // namespace pawl::identity
