// What every JWT that is a credential is held to, whoever issued it: for whom and when it counts.
// Threading: pure functions; time comes in. Errors: kJwtAudience; kJwtClaims, kJwtExpired,
// kJwtNotYet. Not errors: no nbf, no iat. Source: RFC 7519, 4.1.3 to 4.1.6.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "infrastructure/identity/refusal.h"

namespace pawl::identity {

// One of `ours` is `aud`, or stands in it.
Judged<void> check_audience(const json::Value& payload, const std::vector<std::string>& ours);
Judged<void> check_jwt_times(const json::Value& payload, std::int64_t now_s);

}  // namespace pawl::identity
