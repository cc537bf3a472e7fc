#include "foundation/keys/compromise.h"

#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::int64_t kMaxLifetimeSeconds = 300;

tl::unexpected<Error> refuse(const std::string& what) {
  return fail(Code::kTokenInvalid, "compromise: " + what);
}

const std::int64_t* number_at(const json::Value& value,
                              std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(value, path);
  return found != nullptr && found->is_int64() && found->get_int64() >= 0 ? found->if_int64()
                                                                          : nullptr;
}

}  // namespace

Result<std::string> sign_compromise(const Compromise& said, const SigningKey& operator_key) {
  json::Object key{{"kid", said.kid}, {"since", said.since_s}, {"reason", said.reason}};
  if (!said.next.empty()) {
    key["next"] = said.next;
  }
  json::Object payload{
      {"aud", said.audience}, {"iat", said.iat}, {"exp", said.exp}, {"jti", said.id.text()}};
  payload["key"] = std::move(key);
  return jose::sign(operator_key, names::kTypCompromise, operator_key.public_key().thumbprint(),
                    json::print(payload));
}

Result<Compromise> read_compromise(const jose::Jws& jws) {
  if (jws.typ != names::kTypCompromise) {
    return refuse("typ is not compromise+jwt");
  }
  const json::Value& payload = jws.payload;
  const std::int64_t* iat = number_at(payload, {"iat"});
  const std::int64_t* exp = number_at(payload, {"exp"});
  const std::int64_t* since = number_at(payload, {"key", "since"});
  const auto aud = json::find_string(payload, {"aud"});
  const auto kid = json::find_string(payload, {"key", "kid"});
  const auto reason = json::find_string(payload, {"key", "reason"});
  const Result<Uuid> id = Uuid::parse(json::find_string(payload, {"jti"}).value_or(""));
  if (iat == nullptr || exp == nullptr || since == nullptr || !aud || !kid || !reason || !id) {
    return refuse("expected aud, iat, exp, jti and key {kid, since, reason}");
  }
  Compromise out{std::string(*kid), *since, "",   std::string(*reason),
                 std::string(*aud), *id,    *iat, *exp};
  if (const json::Value* next = json::find(payload, {"key", "next"}); next != nullptr) {
    out.next = json::find_string(payload, {"key", "next"}).value_or("");
    if (out.next.empty()) {
      return refuse("next is no text");
    }
  }
  if (out.kid.empty() || out.kid.size() > kMaxKidBytes || out.next.size() > kMaxKidBytes ||
      out.next == out.kid) {
    return refuse("kid and next name two keys");
  }
  if (out.reason.empty() || out.reason.size() > kMaxKeyReasonBytes) {
    return refuse("the reason has 1 to 512 bytes");
  }
  if (out.exp < out.iat || out.exp - out.iat > kMaxLifetimeSeconds) {
    return refuse("it lives longer than 300 s");
  }
  return out;
}

}  // namespace pawl
