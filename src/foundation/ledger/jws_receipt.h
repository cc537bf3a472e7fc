// The JWS form of a receipt (docs/formats/jws_receipt.md): all of it OURS, version "pawl-1".
//
// Purpose:    for readers who have a JOSE library and not yet a C2SP one: who signed which entry of
//             which log, in one token, with the tlog-proof inside.
// Threading:  pure functions over immutable keys.
// Errors:     kTokenInvalid, kMalformed (which member), kUnsupported (another version). Of making:
//             what the key says.
// Not errors: further members; they are carried and never trusted. Nothing is verified by reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/jose/jws.h"

namespace pawl::ledger {

struct JwsReceiptDraft {
  std::string kid;    // of the key that signs: the instance's in use
  std::string entry;  // the record's compact JWS, exact bytes
  std::string proof;  // the tlog-proof text
};
// kMalformed: the entry is no record, or the proof does not read. kConflict: it is of another
// entry. The checkpoint's signature is not looked at: the proof is one of the caller's own log.
Result<std::string> make_jws_receipt(const SigningKey& key, const JwsReceiptDraft& draft);

struct JwsReceipt {
  jose::Jws jws;
  std::string iss, ledger, jti;
  std::string entry_hash;        // receipt_entry_hash() of the entry
  std::uint64_t seq = 0;         // index of the entry
  std::int64_t recorded_at = 0;  // the record's iat, seconds
  std::string proof;             // the tlog-proof text
};
Result<JwsReceipt> read_jws_receipt(std::string_view text);
// SHA-256 of the entry's exact bytes, base64url.
std::string receipt_entry_hash(std::string_view entry);
// A compact JWS of that type, as far as its header tells.
bool looks_like_jws_receipt(std::string_view text);

}  // namespace pawl::ledger
