#include <algorithm>

#include "foundation/records/token_types.h"
#include "infrastructure/identity/media_type.h"
#include "infrastructure/identity/wimse.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxOtherTokens = 16;

bool is_ours(const json::Value& value, const WptExpected& expected) {
  if (!value.is_string()) {
    return false;
  }
  const std::string_view said = value.get_string();
  const std::vector<std::string>& names = expected.audiences;
  return std::find(names.begin(), names.end(), said) != names.end() ||
         is_one_of_targets(said, expected.request.targets);
}

Judged<void> check_audience(const json::Value& payload, const WptExpected& expected) {
  const json::Value* aud = json::find(payload, {"aud"});
  const json::Array* list = aud != nullptr ? aud->if_array() : nullptr;
  const auto ours = [&](const json::Value& one) { return is_ours(one, expected); };
  if ((aud != nullptr &&
       (ours(*aud) || (list != nullptr && std::any_of(list->begin(), list->end(), ours)))) ||
      !plugged(ControlId::kProofRequest)) {
    return {};
  }
  return refuse(Refusal::kProofTarget, "expected aud " + expected_target(expected.request.targets));
}

// A claim that is the hash of a token beside the proof: needed when the token is there, and nothing
// without it.
Judged<void> check_hash(const json::Value& payload, std::string_view claim,
                        const std::optional<std::string_view>& token) {
  const json::Value* value = json::find(payload, {claim});
  if (!token && value == nullptr) {
    return {};
  }
  if (token && value != nullptr && value->is_string() &&
      std::string_view(value->get_string()) == token_hash(*token)) {
    return {};
  }
  return refuse(Refusal::kProofContext,
                "expected " + std::string(claim) + ", the hash of a token in this request");
}

Judged<void> check_others(const json::Value& payload, const http::Headers& headers) {
  const json::Value* others = json::find(payload, {"oth"});
  if (others == nullptr) {
    return {};
  }
  const auto wrong = [](std::string_view what) {
    return refuse(Refusal::kProofContext, "oth: expected " + std::string(what));
  };
  if (!others->is_object() || others->get_object().size() > kMaxOtherTokens) {
    return wrong("an object of at most 16 fields");
  }
  for (const auto& [name, hash] : others->get_object()) {
    const bool lower =
        std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!lower || headers.count(name) != 1) {
      return wrong("names in lower case of fields that stand once in this request");
    }
    if (!hash.is_string() ||
        std::string_view(hash.get_string()) != token_hash(*headers.get(name))) {
      return wrong("the hash of each field's value");
    }
  }
  return {};
}

Judged<void> check_context(const json::Value& payload, const Wit& wit,
                           const WptExpected& expected) {
  if (json::find_string(payload, {"wth"}) != wit.hash && plugged(ControlId::kProofToken)) {
    return refuse(Refusal::kProofToken, "expected wth, the hash of the workload identity token");
  }
  const http::Headers& headers = *expected.headers;
  if (headers.count(kFieldTxnToken) > 1) {
    return refuse(Refusal::kProofContext, "expected at most one Txn-Token");
  }
  for (const Judged<void>& good :
       {check_hash(payload, "ath", expected.access_token),
        check_hash(payload, "tth", headers.get(kFieldTxnToken)), check_others(payload, headers)}) {
    if (!good && plugged(ControlId::kProofContext)) {
      return tl::unexpected<Finding>(good.error());
    }
  }
  return {};
}

}  // namespace

Judged<ShownProof> check_wpt(std::string_view proof, const Wit& wit, const WptExpected& expected) {
  const Result<jose::Jws> jws = jose::decode(std::string(proof), kMaxProofBytes);
  if (!jws) {
    return refuse(Refusal::kProofMalformed, jws.error().message);
  }
  if (!is_type(jws->typ, names::kTypWpt)) {
    return refuse(Refusal::kProofType, "expected typ " + std::string(names::kTypWpt));
  }
  if (jws->alg != wit.algorithm) {
    return refuse(Refusal::kProofAlgorithm, "expected alg " + wit.algorithm + ", as the WIT says");
  }
  const Judged<std::string> jti = proof_text(jws->payload, "jti");
  const Judged<std::int64_t> ends = proof_time(jws->payload, "exp");
  if (!jti || !ends) {
    return tl::unexpected<Finding>(!jti ? jti.error() : ends.error());
  }
  for (const Judged<void>& good :
       {check_proof_signature(*jws, wit.key), check_audience(jws->payload, expected),
        check_context(jws->payload, wit, expected), check_ends_at(*ends, expected.request)}) {
    if (!good) {
      return tl::unexpected<Finding>(good.error());
    }
  }
  return ShownProof{proof_id(wit.key.thumbprint(), *jti), *ends};
}

}  // namespace pawl::identity
