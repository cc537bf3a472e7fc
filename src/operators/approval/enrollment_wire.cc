#include "operators/approval/enrollment_wire.h"

#include "base/json_texts.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "operators/approval/members.h"

namespace pawl::approval {
namespace {

constexpr std::int64_t kMaxLifetimeSeconds = 300;
constexpr std::string_view kVerbs[] = {"enroll", "remove"};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "enrollment: " + std::string(why));
}

json::Value jwk_value(const PublicKey& key) {
  return json::parse(key.to_jwk())->value;
}

json::Object print_passkey(const Passkey& passkey) {
  return {{"credential", passkey.credential}, {"rp", passkey.rp_id}};
}

Result<Passkey> read_passkey(const json::Value& value) {
  Members members(value, "passkey");
  Passkey out{members.text("credential"), members.text("rp")};
  const Status status = members.end();
  return status ? Result<Passkey>(std::move(out)) : fail(status.error());
}

// What is said, without who says it: the same members in the statement and in the record.
json::Object print_said(const Enrollment& said) {
  json::Object out{{"operator", said.operator_name}};
  if (said.verb == EnrollmentVerb::kRemove) {
    if (!said.kid.empty()) {
      out["kid"] = said.kid;
    }
    return out;
  }
  json::Array roles(said.roles.begin(), said.roles.end());
  out["roles"] = json::texts(said.roles);
  if (said.key) {
    out["key"] = jwk_value(*said.key);
  }
  if (said.passkey) {
    out["passkey"] = print_passkey(*said.passkey);
  }
  if (said.bootstrap) {
    out["bootstrap"] = true;
  }
  return out;
}

Status read_said(Members& members, Enrollment& out) {
  out.operator_name = members.text("operator");
  if (out.verb == EnrollmentVerb::kRemove) {
    out.kid = members.has("kid") ? members.text("kid") : "";
    return out.kid.empty() && members.has("kid") ? fail(Code::kMalformed, "kid is empty")
                                                 : Status();
  }
  out.roles = members.texts("roles");
  out.bootstrap = members.flag("bootstrap");
  Result<PublicKey> key = PublicKey::from_jwk(members.value("key"));
  if (!key) {
    return fail(key.error());
  }
  out.kid = key->thumbprint();
  out.key = *std::move(key);
  if (members.has("passkey")) {
    Result<Passkey> passkey = read_passkey(members.value("passkey"));
    if (!passkey) {
      return fail(passkey.error());
    }
    out.passkey = *std::move(passkey);
  }
  return {};
}

json::Object print_claims(const Enrollment& said) {
  json::Object enrollment = print_said(said);
  enrollment["verb"] = kVerbs[static_cast<std::size_t>(said.verb)];
  json::Object out{
      {"aud", said.audience}, {"iat", said.iat}, {"exp", said.exp}, {"jti", said.id.text()}};
  out["enrollment"] = std::move(enrollment);
  out["by"] = json::Object{{"operator", said.by_operator}, {"key", said.by_key}};
  return out;
}

Result<Enrollment> read_claims(const json::Value& payload) {
  Members members(payload, "enrollment");
  Enrollment out;
  out.audience = members.text("aud");
  out.iat = members.number("iat");
  out.exp = members.number("exp");
  out.id = members.id("jti");
  Members by(members.value("by"), "by");
  out.by_operator = by.text("operator");
  out.by_key = by.text("key");
  Members said(members.value("enrollment"), "enrollment");
  out.verb = static_cast<EnrollmentVerb>(said.name("verb", kVerbs));
  Status status = read_said(said, out);
  for (const Status& next : {said.end(), by.end(), members.end()}) {
    status = status ? next : status;
  }
  return status ? Result<Enrollment>(std::move(out)) : refuse(status.error().message);
}

}  // namespace

Result<std::string> sign_enrollment(Enrollment said, const SigningKey& operator_key) {
  said.by_key = operator_key.public_key().thumbprint();
  return jose::sign(operator_key, names::kTypEnrollment, said.by_key,
                    json::print(print_claims(said)));
}

Result<Enrollment> read_enrollment(const jose::Jws& jws) {
  if (jws.typ != names::kTypEnrollment) {
    return refuse("typ is not enrollment+jwt");
  }
  Result<Enrollment> out = read_claims(jws.payload);
  if (!out) {
    return out;
  }
  if (out->by_key != jws.kid) {
    return refuse("by.key is not the one that signed");
  }
  if (out->exp < out->iat || out->exp - out->iat > kMaxLifetimeSeconds) {
    return refuse("it lives longer than 300 s");
  }
  return out;
}

Result<Enrollment> verify_enrollment(const std::string& token,
                                     std::span<const Operator> operators) {
  const Result<jose::Jws> jws = jose::decode(token, kMaxEnrollmentBytes);
  Result<Enrollment> said = jws ? read_enrollment(*jws) : fail(jws.error());
  if (!said) {
    return said;
  }
  const Operator* by = find_operator(operators, jws->kid);
  const bool own = said->bootstrap && said->kid == jws->kid;
  if (!own && by == nullptr) {
    return fail(Code::kForbidden, "enrollment: no operator with the key that signed is enrolled");
  }
  const PublicKey& key = own ? *said->key : by->key;
  if (Status valid = jose::verify(*jws, key, {std::string(names::kAlgEs256)}); !valid) {
    return fail(valid.error());
  }
  return said;
}

std::string_view record_kind(const Enrollment& said) {
  return said.verb == EnrollmentVerb::kEnroll ? kinds::kOperatorEnrolled : kinds::kOperatorRemoved;
}

json::Object print_enrollment(const EnrollmentRecord& record) {
  json::Object out = print_said(record.said);
  out["id"] = record.said.id.text();
  out["until"] = record.said.exp;
  out["at"] = record.at;
  out["by"] = json::Object{{"operator", record.said.by_operator}, {"key", record.said.by_key}};
  out["statement"] = record.statement;
  return out;
}

Result<EnrollmentRecord> read_enrollment(std::string_view kind, const json::Value& body) {
  if (kind != kinds::kOperatorEnrolled && kind != kinds::kOperatorRemoved) {
    return fail(Code::kMalformed, "not a record of an enrollment");
  }
  Members members(body, kind);
  EnrollmentRecord out;
  out.said.verb =
      kind == kinds::kOperatorEnrolled ? EnrollmentVerb::kEnroll : EnrollmentVerb::kRemove;
  out.said.id = members.id("id");
  out.said.exp = members.number("until");
  out.at = members.number("at");
  out.statement = members.text("statement");
  Members by(members.value("by"), "by");
  out.said.by_operator = by.text("operator");
  out.said.by_key = by.text("key");
  Status status = read_said(members, out.said);
  for (const Status& next : {members.read(), by.end()}) {
    status = status ? next : status;
  }
  return status ? Result<EnrollmentRecord>(std::move(out))
                : fail(Code::kMalformed, status.error().message);
}

json::Object EnrolledOperators::print() const {
  json::Array entries;
  for (const Operator& one : operators_) {
    json::Object entry{{"operator", one.name}};
    entry["roles"] = json::texts(one.roles);
    entry["key"] = jwk_value(one.key);
    if (const Passkey* passkey = passkey_of(one.kid)) {
      entry["passkey"] = print_passkey(*passkey);
    }
    entries.emplace_back(std::move(entry));
  }
  json::Array counted;
  for (const auto& [id, until] : counted_) {
    counted.emplace_back(json::Object{{"id", id.text()}, {"until", until}});
  }
  json::Object out;
  if (founded_) {
    out["founded"] = true;
  }
  out["operators"] = std::move(entries);
  out["counted"] = std::move(counted);
  return out;
}

Result<EnrolledOperators> EnrolledOperators::read(const json::Value& value) {
  Members members(value, "enrolled operators");
  EnrolledOperators out;
  out.founded_ = members.flag("founded");
  for (const json::Value& one : members.array("operators")) {
    Members entry(one, "operator");
    Enrollment said;
    Status status = read_said(entry, said);
    status = status ? entry.end() : status;
    if (status && (said.bootstrap || out.find(said.kid) != nullptr)) {
      status = fail(Code::kMalformed, "operator: a key twice, or a member that is not known");
    }
    if (!status) {
      return fail(Code::kMalformed, status.error().message);
    }
    out.enroll(said);
  }
  for (const json::Value& one : members.array("counted")) {
    Members entry(one, "statement");
    const Uuid id = entry.id("id");
    out.counted_[id] = entry.number("until");
    if (Status status = entry.end(); !status) {
      return fail(status.error());
    }
  }
  if (Status status = members.end(); !status) {
    return fail(status.error());
  }
  if (out.operators_.size() > kMost || out.counted_.size() > kMostIds ||
      (!out.operators_.empty() && !out.founded_)) {
    return fail(Code::kMalformed, "enrolled operators: more than there can be");
  }
  return out;
}

}  // namespace pawl::approval
