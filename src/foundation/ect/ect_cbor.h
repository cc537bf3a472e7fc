// The CBOR form of an Execution Context Token: CWT claims in COSE_Sign1.
//
// Purpose:    the same claims as in JSON, for peers that speak CBOR (docs/formats/ect_cbor.md,
// where
//             the grade of each key stands). Its numbers are an early draft's and unregistered: a
//             verifier takes the form only where it is asked to (VerifyOptions::accept_cbor).
// Threading:  pure functions.
// Errors:     as ect.h. The encoding is the deterministic one throughout; other bytes are
//             "malformed".
// Not errors: unknown claims, `sub` and `nbf` among them (ignored).
//
// Example:
//   Result<std::string> bytes = ect::issue_cbor(key, kid, claims);
//   Result<ect::Token> read = ect::verify(base64url_encode(*bytes), keys, {.accept_cbor = true});
#pragma once

#include <string>
#include <string_view>

#include "foundation/ect/ect.h"

namespace pawl::ect {

// The text of a token in CBOR form: base64url of its bytes, which begin with the tag of COSE_Sign1
// or of a CWT.
bool looks_cbor(std::string_view text);
// The same of the bytes.
bool looks_cbor_bytes(std::string_view bytes);

// The claims set. Members of `ext` that have a key of their own get it, the others stand under one
// key; their order is lost. kMalformed: text that is not UTF-8.
Result<std::string> print_cbor(const Claims& claims);
// Its claims back; the reasons of ect.h. The forms and limits of check_claims() hold.
Result<Claims> read_cbor_claims(std::string_view bytes, bool missing_parents_is_root = false);

// Signs: the bytes of a COSE_Sign1 with its tag. kTokenInvalid when check_claims refuses.
Result<std::string> issue_cbor(const SigningKey& key, std::string_view kid, const Claims& claims);
// Form and claims of a token; no signature check, and any algorithm that COSE has here.
Result<Token> read_cbor(std::string text);
// What verify_signed() does with the form.
Result<Token> verify_signed_cbor(std::string text, const KeyResolver& resolve,
                                 const VerifyOptions& options);

}  // namespace pawl::ect
