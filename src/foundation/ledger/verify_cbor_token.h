// Offline verification of a token in CBOR form (docs/formats/ect_cbor.md).
//
// Purpose:    what `pawl verify` says of one. Its signature is checked with the token keys of the
//             trust file; that it is recorded nothing here can prove, so it is never good.
// Threading:  pure function.
// Verdicts:   kBad: it does not read, or the signature is false. kUnknown: everything else, and the
//             reason says how much was found true.
#pragma once

#include <optional>
#include <string_view>

#include "foundation/ledger/verify.h"

namespace pawl::ledger {

// `text`: the token's bytes, or the base64url of them in which it is presented.
bool looks_like_cbor_token(std::string_view text);
Report verify_cbor_token(std::string_view text, const std::optional<Trust>& trust);

}  // namespace pawl::ledger
