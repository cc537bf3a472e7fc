#include "operators/override/resolution_wire.h"

#include <algorithm>
#include <array>

#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl::override_ {
namespace {

constexpr std::array<std::string_view, 3> kFound = {"happened", "did-not-happen",
                                                    "cannot-be-known"};

tl::unexpected<Error> refuse(const std::string& what) {
  return fail(Code::kTokenInvalid, "resolution: " + what);
}

}  // namespace

std::string_view found_name(Found found) {
  return kFound[static_cast<std::size_t>(found)];
}

std::optional<Found> parse_found(std::string_view text) {
  const auto at = std::find(kFound.begin(), kFound.end(), text);
  return at == kFound.end() ? std::nullopt : std::optional(static_cast<Found>(at - kFound.begin()));
}

Result<std::string> sign_resolution(const Resolution& resolution, const SigningKey& operator_key) {
  json::Object payload{{"aud", resolution.audience},
                       {"iat", resolution.iat},
                       {"exp", resolution.exp},
                       {"jti", resolution.id.text()}};
  payload["res"] = json::Object{{"record", resolution.record.text()},
                                {"found", found_name(resolution.found)},
                                {"reason", resolution.reason}};
  return jose::sign(operator_key, names::kTypResolution, operator_key.public_key().thumbprint(),
                    json::print(payload));
}

Result<Resolution> read_resolution(const jose::Jws& jws) {
  if (jws.typ != names::kTypResolution) {
    return refuse("typ is not resolution+jwt");
  }
  const json::Value& payload = jws.payload;
  const json::Value* iat = json::find(payload, {"iat"});
  const json::Value* exp = json::find(payload, {"exp"});
  const auto aud = json::find_string(payload, {"aud"});
  const auto found = parse_found(json::find_string(payload, {"res", "found"}).value_or(""));
  const Result<Uuid> id = Uuid::parse(json::find_string(payload, {"jti"}).value_or(""));
  const Result<Uuid> record =
      Uuid::parse(json::find_string(payload, {"res", "record"}).value_or(""));
  const auto reason = json::find_string(payload, {"res", "reason"});
  if (iat == nullptr || !iat->is_int64() || exp == nullptr || !exp->is_int64() || !aud || !found ||
      !id || !record || !reason) {
    return refuse("expected aud, iat, exp, jti and res {record, found, reason}");
  }
  if (reason->empty() || reason->size() > kMaxFindingBytes) {
    return refuse("the reason has 1 to 512 bytes");
  }
  Resolution out{*record, *found,           std::string(*reason), std::string(*aud),
                 *id,     iat->get_int64(), exp->get_int64()};
  if (out.iat < 0 || out.exp < out.iat || out.exp - out.iat > kMaxLifetimeSeconds) {
    return refuse("it lives longer than 300 s");
  }
  return out;
}

Result<VerifiedResolution> verify_resolution(const std::string& token, const Keystore& keys,
                                             std::string_view audience, WallTime now) {
  Result<Signed> opened = open_signed(token, names::kTypResolution, keys);
  if (!opened) {
    return fail(opened.error());
  }
  Result<Resolution> resolution = read_resolution(opened->jws);
  if (!resolution) {
    return fail(resolution.error());
  }
  if (resolution->audience != audience && plugged(ControlId::kStatementAudience)) {
    return refuse("made for another instance");
  }
  if (Status fresh = check_statement_time(resolution->iat, resolution->exp, now);
      !fresh && plugged(ControlId::kStatementTime)) {
    return fail(fresh.error());
  }
  return VerifiedResolution{*std::move(resolution), opened->operator_name, opened->jws.kid, token};
}

}  // namespace pawl::override_
