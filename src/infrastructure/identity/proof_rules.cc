#include "infrastructure/identity/proof_rules.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "infrastructure/identity/numeric_date.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxUrlBytes = 8 * 1024;
constexpr std::size_t kThumbprintBytes = 43;

// The library's normal form would make a separator of it, which it is not (RFC 3986, 2.2).
bool has_encoded_slash(std::string_view text) {
  return text.find("%2F") != std::string_view::npos || text.find("%2f") != std::string_view::npos;
}

// What follows an authority begins with a slash (RFC 3986, 3.3). The library reads what follows the
// digits of a port as a path: without the port it would become a part of the host.
bool has_path_of_authority(const boost::urls::url_view& url) {
  return url.encoded_path().empty() || url.is_path_absolute();
}

}  // namespace

std::optional<std::string> normal_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes || has_encoded_slash(text)) {
    return std::nullopt;
  }
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || parsed->encoded_host().empty() || parsed->has_userinfo() ||
      !has_path_of_authority(*parsed) ||
      (parsed->scheme_id() != boost::urls::scheme::http &&
       parsed->scheme_id() != boost::urls::scheme::https)) {
    return std::nullopt;
  }
  boost::urls::url url(*parsed);
  url.remove_query();
  url.remove_fragment();
  url.normalize();
  const bool usual = url.port() == (url.scheme_id() == boost::urls::scheme::https ? "443" : "80");
  if (usual || url.port().empty()) {
    url.remove_port();
  }
  if (url.encoded_path().empty()) {
    url.set_path_absolute(true);
  }
  return std::string(url.buffer());
}

bool is_same_target(std::string_view said, std::string_view actual) {
  const std::optional<std::string> one = normal_url(said);
  return one && one == normal_url(actual);
}

bool is_one_of_targets(std::string_view said, const std::vector<std::string>& targets) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return is_same_target(said, target); });
}

std::string expected_target(const std::vector<std::string>& targets) {
  return targets.empty() ? "of this gateway, and Host does not name it (proofs.urls, allowed_hosts)"
                         : targets.front();
}

std::string token_hash(std::string_view token) {
  return digest_text(sha256(token));
}

Judged<void> check_made_at(std::int64_t made_s, const ProofExpected& expected) {
  const std::int64_t age = expected.now_s - made_s;
  if (!plugged(ControlId::kProofTime)) {
    return {};
  }
  if (age > expected.max_age_s) {
    return refuse(Refusal::kProofTime,
                  "expected a proof made at most " + std::to_string(expected.max_age_s) + " s ago");
  }
  if (-age > kProofSkewSeconds) {
    return refuse(Refusal::kProofTime, "the proof was made ahead of this gateway's clock");
  }
  if (made_s < expected.started_s) {
    return refuse(Refusal::kProofTime,
                  "the proof was made before this gateway started: make a new one");
  }
  return {};
}

Judged<void> check_ends_at(std::int64_t ends_s, const ProofExpected& expected) {
  if (!plugged(ControlId::kProofTime)) {
    return {};
  }
  if (expected.now_s >= ends_s) {
    return refuse(Refusal::kProofTime, "the proof has expired");
  }
  if (ends_s - expected.now_s > expected.max_age_s + kProofSkewSeconds) {
    return refuse(Refusal::kProofTime, "expected a proof that is good for at most " +
                                           std::to_string(expected.max_age_s) + " s");
  }
  return {};
}

Judged<std::string> proof_text(const json::Value& payload, std::string_view name) {
  const auto text = json::find_string(payload, {name});
  if (!text || text->empty() || text->size() > kMaxProofIdBytes) {
    return refuse(Refusal::kProofMalformed,
                  "expected " + std::string(name) + ", a text of 1 to 256 bytes, in the proof");
  }
  return std::string(*text);
}

Judged<std::int64_t> proof_time(const json::Value& payload, std::string_view name) {
  const json::Value* value = json::find(payload, {name});
  const Result<std::optional<std::int64_t>> time = numeric_date(payload, name);
  if (!time || !*time || value->is_double()) {
    return refuse(Refusal::kProofMalformed,
                  "expected " + std::string(name) + ", a time in whole seconds, in the proof");
  }
  return **time;
}

Judged<std::string> bound_thumbprint(const json::Value& payload) {
  const json::Value* cnf = json::find(payload, {"cnf"});
  if (cnf == nullptr) {
    return std::string();
  }
  const auto jkt = json::find_string(*cnf, {"jkt"});
  if (!jkt || jkt->size() != kThumbprintBytes || cnf->get_object().size() != 1) {
    return refuse(Refusal::kTokenBound,
                  "the token is bound by a cnf that is not one thumbprint (jkt)");
  }
  return std::string(*jkt);
}

Judged<void> check_proof_signature(const jose::Jws& jws, const PublicKey& key) {
  if (const Status good = jose::verify(jws, key, {jws.alg});
      !good && plugged(ControlId::kProofSignature)) {
    return refuse(Refusal::kProofSignature, "the proof's signature does not verify with its key");
  }
  return {};
}

Digest proof_id(std::string_view thumbprint, std::string_view jti) {
  return sha256({thumbprint, "\n", jti});
}

}  // namespace pawl::identity
