#include "operators/override/revocation_wire.h"

#include <algorithm>

#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::override_ {
namespace {

constexpr std::string_view kRevoke = "revoke", kLift = "lift";

tl::unexpected<Error> refuse(const std::string& what) {
  return fail(Code::kTokenInvalid, "revocation: " + what);
}

const std::int64_t* seconds_at(const json::Value& value,
                               std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(value, path);
  return found != nullptr && found->is_int64() && found->get_int64() >= 0 ? found->if_int64()
                                                                          : nullptr;
}

Result<std::vector<Uuid>> read_lifts(const json::Value* list) {
  std::vector<Uuid> out;
  if (list == nullptr || !list->is_array()) {
    return refuse("a lift names what it ends, by id");
  }
  for (const json::Value& item : list->get_array()) {
    const Result<Uuid> id =
        Uuid::parse(item.is_string() ? std::string_view(item.get_string()) : std::string_view{});
    if (!id) {
      return refuse("rev.revocations holds UUIDs");
    }
    out.push_back(*id);
  }
  return out.empty() || out.size() > kMaxLifts
             ? Result<std::vector<Uuid>>(refuse("a lift ends 1 to 16 revocations"))
             : Result<std::vector<Uuid>>(std::move(out));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Status check_limits(const RevocationStatement& statement) {
  const std::string& reason = statement.reason;
  if (reason.empty() || reason.size() > kMaxRevocationReason ||
      std::any_of(reason.begin(), reason.end(), is_control)) {
    return refuse("the reason has 1 to 256 bytes, without control characters");
  }
  if (statement.exp < statement.iat || statement.exp - statement.iat > kMaxLifetimeSeconds) {
    return refuse("it lives longer than 300 s");
  }
  if (statement.since_s && *statement.since_s > statement.iat + kSkewSeconds) {
    return refuse("since lies after the statement");
  }
  if (!statement.lifts.empty() && !may_be_lifted(statement.target)) {
    return refuse("a revoked key, certificate or token stays revoked");
  }
  return {};
}

}  // namespace

Result<std::string> sign_revocation(const RevocationStatement& statement,
                                    const SigningKey& operator_key) {
  const bool lifts = !statement.lifts.empty();
  json::Object rev{{"verb", lifts ? kLift : kRevoke},
                   {"target", statement.target},
                   {"reason", statement.reason}};
  if (statement.since_s) {
    rev["since"] = *statement.since_s;
  }
  if (lifts) {
    json::Array ids;
    for (const Uuid& id : statement.lifts) {
      ids.emplace_back(id.text());
    }
    rev["revocations"] = std::move(ids);
  }
  json::Object payload{{"aud", statement.audience},
                       {"iat", statement.iat},
                       {"exp", statement.exp},
                       {"jti", statement.id.text()}};
  payload["rev"] = std::move(rev);
  return jose::sign(operator_key, names::kTypRevocation, operator_key.public_key().thumbprint(),
                    json::print(payload));
}

Result<RevocationStatement> read_revocation_statement(const jose::Jws& jws) {
  if (jws.typ != names::kTypRevocation) {
    return refuse("typ is not revocation+jwt");
  }
  const json::Value& payload = jws.payload;
  const std::int64_t* iat = seconds_at(payload, {"iat"});
  const std::int64_t* exp = seconds_at(payload, {"exp"});
  const auto aud = json::find_string(payload, {"aud"});
  const auto verb = json::find_string(payload, {"rev", "verb"});
  const auto reason = json::find_string(payload, {"rev", "reason"});
  const Result<Uuid> id = Uuid::parse(json::find_string(payload, {"jti"}).value_or(""));
  Result<std::string> target =
      parse_target(json::find_string(payload, {"rev", "target"}).value_or(""));
  if (iat == nullptr || exp == nullptr || !aud || !reason || !id || !target ||
      (verb != kRevoke && verb != kLift)) {
    return refuse("expected aud, iat, exp, jti and rev {verb, target, reason}");
  }
  RevocationStatement out{*std::move(target), {},  {},   std::string(*reason),
                          std::string(*aud),  *id, *iat, *exp};
  if (verb == kLift) {
    Result<std::vector<Uuid>> lifts = read_lifts(json::find(payload, {"rev", "revocations"}));
    if (!lifts) {
      return fail(lifts.error());
    }
    out.lifts = *std::move(lifts);
  } else if (json::find(payload, {"rev", "since"}) != nullptr) {
    const std::int64_t* since = seconds_at(payload, {"rev", "since"});
    if (since == nullptr) {
      return refuse("since is no time in seconds");
    }
    out.since_s = *since;
  }
  const Status fits = check_limits(out);
  return fits ? Result<RevocationStatement>(std::move(out)) : fail(fits.error());
}

Result<VerifiedRevocation> verify_revocation(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now) {
  const Result<Signed> opened = open_signed(token, names::kTypRevocation, keys);
  Result<RevocationStatement> statement =
      opened ? read_revocation_statement(opened->jws) : fail(opened.error());
  if (!statement) {
    return fail(statement.error());
  }
  if (statement->audience != audience && plugged(ControlId::kStatementAudience)) {
    return refuse("made for another instance");
  }
  if (Status fresh = check_statement_time(statement->iat, statement->exp, now);
      !fresh && plugged(ControlId::kStatementTime)) {
    return fail(fresh.error());
  }
  return VerifiedRevocation{*std::move(statement), opened->operator_name, opened->jws.kid, token};
}

}  // namespace pawl::override_
