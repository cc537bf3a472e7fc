// A SPIFFE bundle: whose signatures prove the workloads of one trust domain.
//
// Purpose:    reads the JWK set form; the name of the domain is not in it and is configured beside.
// Threading:  pure functions; a bundle is immutable.
// Errors:     kMalformed: no bundle; kTooLarge; kConflict: it may not follow the one before.
// Not errors: entries of an unknown kind or use, and entries that say x509-svid and hold no
//             certificate of an authority: skipped and counted. A bundle without entries: then
//             nobody of the domain counts.
// Source:     SPIFFE Trust Domain and Bundle, section 4; X509-SVID, section 6; JWT-SVID, section 6;
//             for `wit-svid` the SPIFFE project's draft of WIT-SVID.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "foundation/crypto/certificate_chain.h"
#include "foundation/jose/jwk_set.h"

namespace pawl::identity {

struct SpiffeBundle {
  CaSet authorities;                             // x509-svid
  jose::JwkSet jwt_keys{};                       // jwt-svid
  jose::JwkSet wit_keys{};                       // wit-svid
  std::optional<std::int64_t> sequence{};        // spiffe_sequence
  std::optional<std::int64_t> refresh_hint_s{};  // spiffe_refresh_hint
  std::size_t skipped = 0;
};

Result<SpiffeBundle> read_bundle(std::string_view text);
// A bundle of before must not come back. kConflict: its number is lower, or it has none and the one
// before had.
Status check_follows(const SpiffeBundle& fresh, const SpiffeBundle& before);

}  // namespace pawl::identity
