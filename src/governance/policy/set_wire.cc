#include "governance/policy/set_wire.h"

#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::int64_t kSkewSeconds = 30;
constexpr std::size_t kDigestBytes = 43;

tl::unexpected<Error> refuse(const std::string& what) {
  return fail(Code::kTokenInvalid, "the set's signature: " + what);
}

}  // namespace

Result<std::string> sign_set(const SetStatement& statement, const SigningKey& operator_key) {
  json::Object payload{{names::kClaimAud, statement.audience}, {names::kClaimIat, statement.iat}};
  payload[names::kPolicySet] = json::Object{{names::kSetName, statement.name},
                                            {names::kSetOwner, statement.owner},
                                            {names::kSetVersion, statement.version},
                                            {names::kSetDigest, statement.digest},
                                            {names::kSetBefore, statement.before}};
  return jose::sign(operator_key, names::kTypPolicy, operator_key.public_key().thumbprint(),
                    json::print(payload));
}

Result<SetStatement> read_set_statement(const jose::Jws& jws) {
  if (jws.typ != names::kTypPolicy) {
    return refuse("typ is not policy+jwt");
  }
  const auto text = [&](std::string_view name) {
    return json::find_string(jws.payload, {names::kPolicySet, name});
  };
  const auto aud = json::find_string(jws.payload, {names::kClaimAud});
  const json::Value* iat = json::find(jws.payload, {names::kClaimIat});
  const json::Value* version = json::find(jws.payload, {names::kPolicySet, names::kSetVersion});
  const auto name = text(names::kSetName), owner = text(names::kSetOwner),
             digest = text(names::kSetDigest), before = text(names::kSetBefore);
  if (!aud || iat == nullptr || !iat->is_int64() || version == nullptr || !version->is_int64() ||
      !name || !owner || !digest || !before) {
    return refuse("expected aud, iat and set {name, owner, version, digest, before}");
  }
  SetStatement out{std::string(*name),   std::string(*owner),  version->get_int64(),
                   std::string(*digest), std::string(*before), std::string(*aud),
                   iat->get_int64()};
  if (out.version < 1 || out.iat < 0 || out.digest.size() != kDigestBytes ||
      (!out.before.empty() && out.before.size() != kDigestBytes)) {
    return refuse("a version begins with 1, and a digest has 43 characters");
  }
  return out;
}

Result<VerifiedSet> verify_set(const std::string& token, std::span<const Operator> operators,
                               std::string_view audience, std::int64_t now) {
  const Result<jose::Jws> jws = jose::decode(token, kMaxSetTokenBytes);
  Result<SetStatement> statement = jws ? read_set_statement(*jws) : fail(jws.error());
  if (!statement) {
    return fail(statement.error());
  }
  const Operator* person = find_operator(operators, jws->kid);
  if (person == nullptr) {
    return fail(Code::kForbidden, "the set's signature: no operator with this key is enrolled");
  }
  if (const Status valid = jose::verify(*jws, person->key, {std::string(names::kAlgEs256)});
      !valid) {
    return fail(valid.error());
  }
  if (!has_role(*person, kSetRole)) {
    return fail(Code::kForbidden, "the set's signature: " + person->name +
                                      " has not the role admin, which lets a set take force");
  }
  if (statement->audience != audience) {
    return refuse("made for another instance, " + statement->audience);
  }
  if (statement->iat > now + kSkewSeconds) {
    return refuse("it is from the future");
  }
  return VerifiedSet{*std::move(statement), person->name, jws->kid, token};
}

}  // namespace pawl
