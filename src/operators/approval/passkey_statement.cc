#include "operators/approval/passkey_statement.h"

#include "base/encoding.h"

namespace pawl::approval {
namespace {

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "approval statement: " + std::string(why));
}

bool fits(const std::string& text) {
  return !text.empty() && text.size() <= kMaxEvidenceBytes;
}

Result<sign_in::Assertion> read_assertion(const Evidence& evidence, std::string credential) {
  const Result<std::string> data = base64url_decode(evidence.authenticator_data);
  const Result<std::string> client = base64url_decode(evidence.client_data);
  const Result<std::string> signature = base64url_decode(evidence.signature);
  if (!data || !client || !signature) {
    return refuse("authenticator_data, client_data and signature are base64url");
  }
  return sign_in::Assertion{std::move(credential), *data, *client, *signature};
}

}  // namespace

Result<VerifiedStatement> verify_passkey_statement(const Evidence& evidence,
                                                   const EnrolledOperators& operators,
                                                   const sign_in::RelyingParty& party) {
  if (!evidence.token.empty() || !fits(evidence.statement) || !fits(evidence.authenticator_data) ||
      !fits(evidence.client_data) || !fits(evidence.signature)) {
    return refuse("expected a statement and the passkey's assertion on it, and no token");
  }
  Result<Statement> statement = read_statement(evidence.statement);
  if (!statement) {
    return fail(statement.error());
  }
  const Operator* person = operators.find(statement->key);
  const Passkey* passkey = operators.passkey_of(statement->key);
  if (person == nullptr || passkey == nullptr) {
    return fail(Code::kForbidden, "approval statement: no operator with this passkey is enrolled");
  }
  const Result<sign_in::Assertion> assertion = read_assertion(evidence, passkey->credential);
  if (!assertion) {
    return fail(assertion.error());
  }
  // Counts from 0 each time: see the header.
  const sign_in::Passkey known{passkey->credential, passkey->rp_id, person->key, 0};
  if (const Result<sign_in::Verified> signed_here =
          sign_in::verify_assertion(*assertion, known, sha256(evidence.statement), party);
      !signed_here) {
    return fail(signed_here.error());
  }
  if (statement->operator_name != person->name) {
    return refuse("operator is not the one whose passkey signed");
  }
  if (!has_role(*person, statement->role)) {
    return fail(Code::kForbidden, person->name + " does not have the role " + statement->role);
  }
  return VerifiedStatement{*std::move(statement), evidence};
}

}  // namespace pawl::approval
