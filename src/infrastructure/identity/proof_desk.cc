#include "infrastructure/identity/proof_desk.h"

#include <utility>

#include "base/limit_stat.h"
#include "infrastructure/identity/http_signature.h"
#include "infrastructure/identity/origin.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

LimitStat remembered_proofs("remembered_proofs");

std::optional<Nonces> nonces_of(const std::string& key) {
  return key.empty() ? std::nullopt : std::optional<Nonces>(std::in_place, key);
}

}  // namespace

ProofDesk::ProofDesk(ProofOptions options)
    : options_(std::move(options)),
      nonces_(nonces_of(options_.nonce_key)),
      memory_(options_.remembered) {}

ProofExpected ProofDesk::expected(const http::Request& request, std::int64_t now_s) const {
  ProofExpected out{request.method, {}, now_s, options_.max_age_s, options_.started_s};
  for (const std::string& url : options_.urls) {
    out.targets.push_back(url + request.path);
  }
  const auto host = request.headers.get("Host");
  const std::uint16_t port = options_.own_port ? options_.own_port() : std::uint16_t{0};
  if (options_.urls.empty() && host &&
      is_own_authority(*host, request.peer.tls, port, options_.allowed_hosts)) {
    std::string url = request.peer.tls ? "https://" : "http://";
    out.targets.push_back(url.append(*host).append(request.path));
  }
  return out;
}

Judged<ShownProof> ProofDesk::dpop(const http::Request& request, std::string_view access_token,
                                   const JwtIdentity& identity, std::int64_t now_s) const {
  if (request.headers.count(kFieldDpop) != 1) {
    return refuse(Refusal::kProofMissing, "expected one DPoP field with a proof for this request");
  }
  return check_dpop(*request.headers.get(kFieldDpop), {.request = expected(request, now_s),
                                                       .access_token = std::string(access_token),
                                                       .thumbprint = identity.bound_to,
                                                       .algorithms = identity.issuer->algorithms,
                                                       .nonces = nonces_ ? &*nonces_ : nullptr});
}

Judged<ShownProof> ProofDesk::wpt(const http::Request& request, std::string_view proof,
                                  const Wit& wit, const std::optional<std::string>& access_token,
                                  std::int64_t now_s) const {
  return check_wpt(proof, wit,
                   {.request = expected(request, now_s),
                    .audiences = options_.audiences,
                    .headers = &request.headers,
                    .access_token = access_token});
}

Judged<ShownProof> ProofDesk::signature(const http::Request& request, const Wit& wit,
                                        std::int64_t now_s, Pass pass) const {
  Judged<ShownProof> proof =
      check_http_signature(request, wit, expected(request, now_s), options_.audiences);
  if (!proof || pass == Pass::kLook) {
    return proof;
  }
  if (const Judged<void> content = check_signed_content(request); !content) {
    return tl::unexpected<Finding>(content.error());
  }
  return proof;
}

Judged<void> ProofDesk::once(const std::string& agent, const ShownProof& proof, std::int64_t now_s,
                             Pass pass) const {
  const MutexLock lock(mutex_);
  switch (pass == Pass::kLook ? memory_.look(agent, proof.id, now_s)
                              : memory_.spend(agent, proof.id, proof.until_s, now_s)) {
    case ReplayMemory::Answer::kFresh:
      return {};
    case ReplayMemory::Answer::kSeen:
      if (!plugged(ControlId::kProofOnce)) {
        return {};
      }
      return refuse(Refusal::kProofReplayed, "expected a proof that was not shown before");
    case ReplayMemory::Answer::kShareFull:
    case ReplayMemory::Answer::kFull:
      break;
  }
  remembered_proofs.reached();
  return refuse(Refusal::kProofMemory,
                "too many proofs are remembered for this agent: try again later");
}

std::string ProofDesk::nonce(std::int64_t now_s) const {
  return nonces_ ? nonces_->current(now_s) : std::string();
}

}  // namespace pawl::identity
