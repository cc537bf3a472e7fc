#include "app/api/decision_body.h"

#include "base/json.h"

namespace pawl {
namespace {

constexpr const char* kExpected =
    "expected {\"statement\": TOKEN} or {\"passkey\": {statement, authenticator_data, client_data, "
    "signature}}, each a text, with \"params\" (a text) or without, and no other member";

// False: missing, empty or no text.
bool take(const json::Value& value, std::string_view name, std::string& out) {
  out = json::find_string(value, {name}).value_or("");
  return !out.empty();
}

}  // namespace

Result<DecisionBody> decision_in(std::string_view body) {
  constexpr std::size_t kTexts = 4, kAround = 1024;  // white space, escapes, the members' names
  const Result<json::Parsed> parsed = json::parse(
      body, {.max_bytes = 2 * (kTexts * approval::kMaxEvidenceBytes + kMaxChangedParams) + kAround,
             .max_depth = 2,
             .max_members = 2 * kTexts});
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Value& value = parsed->value;
  const json::Object* object = value.if_object();
  DecisionBody decision;
  approval::Evidence& out = decision.evidence;
  const bool has_params = take(value, "params", decision.params);
  const json::Value* passkey = json::find(value, {"passkey"});
  const bool is_passkey =
      passkey != nullptr && passkey->is_object() && passkey->as_object().size() == kTexts &&
      take(*passkey, "statement", out.statement) &&
      take(*passkey, "authenticator_data", out.authenticator_data) &&
      take(*passkey, "client_data", out.client_data) && take(*passkey, "signature", out.signature);
  if (object == nullptr || object->size() != (has_params ? 2u : 1u) ||
      (!is_passkey && !take(value, "statement", out.token))) {
    return fail(Code::kInvalidParams, kExpected);
  }
  for (const std::string* text :
       {&out.token, &out.statement, &out.authenticator_data, &out.client_data, &out.signature}) {
    if (text->size() > approval::kMaxEvidenceBytes) {
      return fail(Code::kTooLarge, "a text of the decision has more than " +
                                       std::to_string(approval::kMaxEvidenceBytes) + " bytes");
    }
  }
  if (decision.params.size() > kMaxChangedParams) {
    return fail(Code::kTooLarge, "the params have more than 1 MiB");
  }
  return decision;
}

Result<approval::Statement> claimed_statement(const approval::Evidence& evidence) {
  if (evidence.token.empty()) {
    return approval::read_statement(evidence.statement);
  }
  const Result<jose::Jws> jws = jose::decode(evidence.token, approval::kMaxEvidenceBytes);
  return jws ? approval::read_statement(*jws) : fail(jws.error());
}

}  // namespace pawl
