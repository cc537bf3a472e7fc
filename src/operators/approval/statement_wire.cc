#include "operators/approval/statement_wire.h"

#include <limits>

#include "foundation/records/names.h"
#include "operators/approval/members.h"

namespace pawl::approval {
namespace {

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "approval statement: " + std::string(why));
}

Result<Statement> read_members(const json::Value& value) {
  Members members(value, "approval statement");
  Statement out;
  out.instance = members.text("instance");
  out.approval = members.id("approval");
  out.binding_digest = members.text("binding_digest");
  out.terms_digest = members.text("terms_digest");
  out.requested = members.text("requested");
  out.executed = members.text("executed");
  out.decision = static_cast<Decision>(members.name("decision", kDecisionNames));
  out.uses =
      static_cast<std::uint32_t>(members.number("uses", std::numeric_limits<std::uint32_t>::max()));
  out.expires = members.number("expires");
  out.nonce = members.text("nonce");
  out.operator_name = members.text("operator");
  out.role = members.text("role");
  out.key = members.text("key");
  Result<Binding> binding = read_binding(members.value("binding"));
  if (Status status = members.end(); !status || !binding) {
    return fail(Code::kTokenInvalid, (!status ? status.error() : binding.error()).message);
  }
  out.binding = *std::move(binding);
  return out;
}

}  // namespace

Result<Statement> read_statement(std::string_view canonical) {
  const Result<json::Parsed> parsed =
      json::parse(canonical, {.max_bytes = kMaxEvidenceBytes, .max_depth = 4});
  Result<Statement> out = parsed ? read_members(parsed->value) : refuse(parsed.error().message);
  if (out && canonical_statement(*out) != canonical) {
    return refuse("not in its canonical spelling");
  }
  return out;
}

Result<std::string> sign_statement(Statement statement, const SigningKey& operator_key) {
  statement.key = operator_key.public_key().thumbprint();
  return jose::sign(operator_key, names::kTypApproval, statement.key,
                    canonical_statement(statement));
}

Result<Statement> read_statement(const jose::Jws& jws) {
  if (jws.typ != names::kTypApproval) {
    return refuse("typ is not approval+jwt");
  }
  Result<Statement> out = read_statement(jws.payload_text);
  if (out && out->key != jws.kid) {
    return refuse("key is not the one that signed");
  }
  return out;
}

Result<VerifiedStatement> verify_statement(const std::string& token,
                                           std::span<const Operator> operators) {
  Result<jose::Jws> jws = jose::decode(token, kMaxEvidenceBytes);
  if (!jws) {
    return fail(jws.error());
  }
  if (jws->typ != names::kTypApproval) {
    return refuse("typ is not approval+jwt");
  }
  const Operator* person = find_operator(operators, jws->kid);
  if (person == nullptr) {
    return fail(Code::kForbidden, "approval statement: no operator with this key is enrolled");
  }
  if (Status valid = jose::verify(*jws, person->key, {std::string(names::kAlgEs256)}); !valid) {
    return fail(valid.error());
  }
  Result<Statement> statement = read_statement(*jws);
  if (!statement) {
    return fail(statement.error());
  }
  if (statement->operator_name != person->name) {
    return refuse("operator is not the one whose key signed");
  }
  if (!has_role(*person, statement->role)) {
    return fail(Code::kForbidden, person->name + " does not have the role " + statement->role);
  }
  return VerifiedStatement{*std::move(statement), Evidence{token, "", "", "", ""}};
}

}  // namespace pawl::approval
