#include "infrastructure/identity/jwt_rules.h"

#include <algorithm>

#include "infrastructure/identity/jwt.h"
#include "infrastructure/identity/numeric_date.h"
#include "path/plugged.h"

namespace pawl::identity {

Judged<void> check_audience(const json::Value& payload, const std::vector<std::string>& ours) {
  const json::Value* aud = json::find(payload, {"aud"});
  const auto is_ours = [&](const json::Value& value) {
    return value.is_string() &&
           std::find(ours.begin(), ours.end(), std::string_view(value.get_string())) != ours.end();
  };
  const json::Array* list = aud != nullptr ? aud->if_array() : nullptr;
  if ((aud != nullptr &&
       (is_ours(*aud) || (list != nullptr && std::any_of(list->begin(), list->end(), is_ours)))) ||
      !plugged(ControlId::kJwtAudience)) {
    return {};
  }
  return refuse(Refusal::kJwtAudience, "aud does not name this gateway");
}

Judged<void> check_jwt_times(const json::Value& payload, std::int64_t now_s) {
  const auto exp = numeric_date(payload, "exp");
  const auto nbf = numeric_date(payload, "nbf");
  const auto iat = numeric_date(payload, "iat");
  if (!plugged(ControlId::kJwtTimes)) {
    return {};
  }
  for (const auto* time : {&exp, &nbf, &iat}) {
    if (!*time) {
      return refuse(Refusal::kJwtClaims, time->error().message);
    }
  }
  if (!*exp) {
    return refuse(Refusal::kJwtClaims, "exp is missing");
  }
  if (now_s >= **exp + kJwtSkewSeconds) {
    return refuse(Refusal::kJwtExpired, "exp has passed");
  }
  for (const auto* time : {&nbf, &iat}) {
    if (**time && ***time > now_s + kJwtSkewSeconds) {
      return refuse(Refusal::kJwtNotYet, "nbf or iat lies ahead");
    }
  }
  return {};
}

}  // namespace pawl::identity
