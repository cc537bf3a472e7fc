// The extension object between JSON and CBOR.
//
// Purpose:    JSON values have a CBOR form each; of CBOR only what has a JSON form is read.
// Threading:  pure functions.
// Errors:     kTokenInvalid, "bad_ext" or "ambiguous".
// Not errors: numbers that are whole and at most 2^53 become integers, as they print in JSON.
// Internal to src/foundation/ect.
#pragma once

#include "base/json.h"
#include "foundation/cose/cbor.h"

namespace pawl::ect {

// Appends the policy members under keys of their own and the rest under one key.
void append_cbor_ext(const json::Object& ext, cbor::Map& claims);
// The extension object that a claims set has under those keys.
Result<json::Object> read_cbor_ext(const cbor::Map& claims);

}  // namespace pawl::ect
