#include "operators/override/override_wire.h"

#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::override_ {
namespace {

constexpr std::string_view kRole = "operator";

std::string_view verb_name(Verb verb) {
  return verb == Verb::kStop ? "stop" : "resume";
}

Result<Statement> read_claims(const json::Value& payload) {
  const json::Value* iat = json::find(payload, {"iat"});
  const json::Value* exp = json::find(payload, {"exp"});
  const auto jti = json::find_string(payload, {"jti"});
  const auto aud = json::find_string(payload, {"aud"});
  const auto verb = json::find_string(payload, {"ovr", "verb"});
  const auto scope = json::find_string(payload, {"ovr", "scope"});
  if (iat == nullptr || !iat->is_int64() || exp == nullptr || !exp->is_int64() || !jti || !aud ||
      !verb || !scope || (*verb != "stop" && *verb != "resume")) {
    return fail(Code::kTokenInvalid,
                "override statement: expected aud, iat, exp, jti and ovr {verb, scope}");
  }
  Statement out;
  out.verb = *verb == "stop" ? Verb::kStop : Verb::kResume;
  out.audience = *aud;
  out.iat = iat->get_int64();
  out.exp = exp->get_int64();
  out.reason = json::find_string(payload, {"ovr", "reason"}).value_or("");
  const Result<Uuid> id = Uuid::parse(*jti);
  Result<Scope> parsed_scope = parse_scope(*scope);
  if (!id || !parsed_scope) {
    return fail(Code::kTokenInvalid, "override statement: jti or ovr.scope is not valid");
  }
  out.id = *id;
  out.scope = *std::move(parsed_scope);
  if (const json::Value* stops = json::find(payload, {"ovr", "stops"});
      stops != nullptr && stops->is_array()) {
    for (const json::Value& stop : stops->get_array()) {
      const Result<Uuid> stop_id = stop.is_string()
                                       ? Uuid::parse(std::string_view(stop.get_string()))
                                       : Result<Uuid>(fail(Code::kMalformed, "not a string"));
      if (!stop_id) {
        return fail(Code::kTokenInvalid, "override statement: ovr.stops holds UUIDs");
      }
      out.stops.push_back(*stop_id);
    }
  }
  return out;
}

Status check_limits(const Statement& statement) {
  if (statement.stops.size() > kMaxLifts) {
    return fail(Code::kTokenInvalid, "override statement: lifts at most 16 stops");
  }
  // Signed times are any 64-bit numbers: a difference of two that are not negative is one, too.
  if (statement.iat < 0 || statement.exp < statement.iat ||
      statement.exp - statement.iat > kMaxLifetimeSeconds) {
    return fail(Code::kTokenInvalid, "override statement: lives longer than 300 s");
  }
  return {};
}

}  // namespace

Result<std::string> sign_statement(const Statement& statement, const SigningKey& operator_key) {
  json::Array stops;
  for (const Uuid& stop : statement.stops) {
    stops.emplace_back(stop.text());
  }
  json::Object ovr{{"verb", verb_name(statement.verb)},
                   {"scope", statement.scope.text()},
                   {"reason", statement.reason}};
  ovr["stops"] = std::move(stops);
  json::Object payload{{"aud", statement.audience},
                       {"iat", statement.iat},
                       {"exp", statement.exp},
                       {"jti", statement.id.text()}};
  payload["ovr"] = std::move(ovr);
  return jose::sign(operator_key, names::kTypOverride, operator_key.public_key().thumbprint(),
                    json::print(payload));
}

Result<Statement> read_statement(const jose::Jws& jws) {
  if (jws.typ != names::kTypOverride) {
    return fail(Code::kTokenInvalid, "override statement: typ is not override+jwt");
  }
  Result<Statement> statement = read_claims(jws.payload);
  if (!statement) {
    return statement;
  }
  if (Status fits = check_limits(*statement); !fits) {
    return fail(fits.error());
  }
  return statement;
}

Status check_statement_time(std::int64_t iat, std::int64_t exp, WallTime now) {
  if (now.seconds() > exp || iat > now.seconds() + kSkewSeconds) {
    return fail(Code::kTokenInvalid, "operator's statement: expired, or from the future");
  }
  return {};
}

Result<Signed> open_signed(const std::string& token, std::string_view typ, const Keystore& keys) {
  Result<jose::Jws> jws = jose::decode(token, kMaxStatementBytes);
  if (!jws) {
    return fail(jws.error());
  }
  if (jws->typ != typ) {
    return fail(Code::kTokenInvalid, "operator's statement: typ is not " + std::string(typ));
  }
  const Operator* person = keys.find_operator(jws->kid);
  if (person == nullptr) {
    return fail(Code::kForbidden, "operator's statement: no operator with this key is enrolled");
  }
  if (Status valid = jose::verify(*jws, person->key, {std::string(names::kAlgEs256)});
      !valid && plugged(ControlId::kStatementSignature)) {
    return fail(valid.error());
  }
  if (!has_role(*person, kRole) && plugged(ControlId::kStatementRole)) {
    return fail(Code::kForbidden, person->name + " has no role that may do this");
  }
  return Signed{*std::move(jws), person->name};
}

Result<Verified> verify_statement(const std::string& token, const Keystore& keys,
                                  std::string_view audience, WallTime now) {
  const Result<Signed> opened = open_signed(token, names::kTypOverride, keys);
  Result<Statement> statement = opened ? read_statement(opened->jws) : fail(opened.error());
  if (!statement) {
    return fail(statement.error());
  }
  if (statement->audience != audience && plugged(ControlId::kStatementAudience)) {
    return fail(Code::kTokenInvalid, "override statement: made for another instance");
  }
  if (Status fresh = check_statement_time(statement->iat, statement->exp, now);
      !fresh && plugged(ControlId::kStatementTime)) {
    return fail(fresh.error());
  }
  return Verified{*std::move(statement), opened->operator_name, opened->jws.kid, token};
}

}  // namespace pawl::override_
