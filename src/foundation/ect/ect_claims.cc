// The limits and forms of claims: the same on issuing and on reading.
#include <algorithm>

#include "base/encoding.h"
#include "foundation/ect/ect_core.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

constexpr std::size_t kHashCharacters = 43;
constexpr std::size_t kHashBytes = 32;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // end of the year 9999

tl::unexpected<Error> refuse(std::string message) {
  return fail(Code::kTokenInvalid, std::move(message));
}

std::size_t depth_of(const json::Value& value);

std::size_t depth_of(const json::Object& object) {
  std::size_t deepest = 0;
  for (const auto& member : object) {
    deepest = std::max(deepest, depth_of(member.value()));
  }
  return deepest + 1;
}

std::size_t depth_of(const json::Value& value) {
  std::size_t deepest = 0;
  if (const auto* object = value.if_object()) {
    return depth_of(*object);
  }
  if (const auto* array = value.if_array()) {
    for (const json::Value& element : *array) {
      deepest = std::max(deepest, depth_of(element));
    }
    return deepest + 1;
  }
  return 0;
}

bool is_uri_sized(const std::string& text) {
  return !text.empty() && text.size() <= kMaxUriBytes;
}

bool is_hash(const std::string& text) {
  if (text.size() != kHashCharacters) {
    return false;
  }
  const Result<std::string> bytes = base64url_decode(text);
  return bytes && bytes->size() == kHashBytes;
}

Status check_names(const Claims& claims, Level level) {
  if (!is_uri_sized(claims.iss)) {
    return refuse("bad_iss: iss must be 1..2048 bytes");
  }
  if ((claims.aud.empty() && level != Level::kL1) || claims.aud.size() > kMaxAudiences ||
      !std::all_of(claims.aud.begin(), claims.aud.end(), is_uri_sized)) {
    return refuse("bad_aud: aud must name 1..64 audiences of 1..2048 bytes");
  }
  if (claims.jti.is_nil()) {
    return refuse("bad_jti: jti must not be the nil UUID");
  }
  if (claims.wid && claims.wid->is_nil()) {
    return refuse("bad_wid: wid must not be the nil UUID");
  }
  if (claims.exec_act.empty() || claims.exec_act.size() > kMaxActBytes) {
    return refuse("bad_act: exec_act must be 1..256 bytes");
  }
  return {};
}

// Compensation says so with a boolean, and why with a text; that the reason is there when it is
// true is expected, not required.
Status check_compensation_members(const json::Object& ext) {
  const json::Value* required = ext.if_contains(names::kExtCompRequired);
  const json::Value* reason = ext.if_contains(names::kExtCompReason);
  if (required != nullptr && !required->is_bool()) {
    return refuse("bad_policy: compensation_required must be a boolean");
  }
  if (reason != nullptr && !reason->is_string()) {
    return refuse("bad_policy: compensation_reason must be a string");
  }
  return {};
}

// The policy members come in pairs, and a decision is not later than the token.
Status check_policy_members(const json::Object& ext, std::int64_t iat) {
  const json::Value* policy = ext.if_contains(names::kExtPol);
  const json::Value* decision = ext.if_contains(names::kExtPolDecision);
  if ((policy == nullptr) != (decision == nullptr)) {
    return refuse("bad_policy: pol and pol_decision come together or not at all");
  }
  if (policy != nullptr && (!policy->is_string() || !decision->is_string())) {
    return refuse("bad_policy: pol and pol_decision must be strings");
  }
  if (const json::Value* time = ext.if_contains(names::kExtPolTimestamp)) {
    if (!time->is_int64() || time->get_int64() > iat) {
      return refuse("bad_policy: pol_timestamp must be whole seconds, not after iat");
    }
  }
  const json::Value* enforcer = ext.if_contains(names::kExtPolEnforcer);
  if (enforcer != nullptr &&
      (!enforcer->is_string() || !is_uri_sized(std::string(enforcer->get_string())))) {
    return refuse("bad_policy: pol_enforcer must be 1..2048 bytes");
  }
  return check_compensation_members(ext);
}

Status check_extension(const json::Object& ext, std::size_t bytes, std::int64_t iat) {
  if (depth_of(ext) > kMaxExtDepth) {
    return refuse("ext_too_deep: the extension object may nest 5 levels");
  }
  if (bytes > kMaxExtBytes) {
    return refuse("ext_too_large: the extension object may have 4096 bytes");
  }
  return check_policy_members(ext, iat);
}

}  // namespace

Status check_claims(const Claims& claims) {
  return check_claims(claims, json::print(claims.ext));
}

Status check_claims(const Claims& claims, std::string_view ext_text, Level level) {
  return check_claims_with(claims, claims.ext, ext_text.size(), level);
}

Status check_claims_with(const Claims& claims, const json::Object& ext, std::size_t ext_bytes,
                         Level level) {
  if (const Status named = check_names(claims, level); !named) {
    return named;
  }
  if (claims.iat < 0 || claims.iat > kLastSecond) {
    return refuse("bad_iat: iat must be seconds since 1970");
  }
  if (claims.exp <= claims.iat || claims.exp > kLastSecond) {
    return refuse("bad_exp: exp must be later than iat");
  }
  if (claims.pred.size() > kMaxParents) {
    return refuse("too_many_parents: a token may name 100 parents");
  }
  if ((!claims.inp_hash.empty() && !is_hash(claims.inp_hash)) ||
      (!claims.out_hash.empty() && !is_hash(claims.out_hash))) {
    return refuse("bad_hash: a hash is 43 characters of base64url, without a prefix");
  }
  return check_extension(ext, ext_bytes, claims.iat);
}

}  // namespace pawl::ect
