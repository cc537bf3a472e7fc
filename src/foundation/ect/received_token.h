// What a record says of a token that somebody else issued and that was presented here: the body of
// `token.received` (docs/formats/records.md).
//
// Purpose:    the bytes of such a token stand in the ledger, so that a later child of it has a
//             known parent, its issuer cannot say other words under its id, and an auditor verifies
//             it with the issuer's key alone. The record stands for the token in the graph: its
//             `pred` and `wid` are the token's.
// Threading:  pure functions, plain values.
// Not errors: a token that was too long for a record: its text is empty, and `digest` is of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ect/ect.h"

namespace pawl::ect {

struct ReceivedToken {
  Uuid id{};             // its jti
  std::string issuer{};  // its iss; over 256 bytes "sha256:" and its digest
  std::int64_t iat = 0;
  std::string payload{};     // payload_digest(), 43 characters
  Level level = Level::kL1;  // the weakest of it and of what was known of its chain
  bool approved = true;      // false: its `pol_decision` is another one
  std::string text{};        // as it was presented
  std::string digest{};      // SHA-256 of the text, where the text is not here
  std::string wit{};         // of the workload that signed it; empty: a key set, or too long
  std::string wit_digest{};
};

// `ext`: the extension object of a record of this kind. nullopt: another kind, or not in its form.
std::optional<ReceivedToken> read_received_token(std::string_view exec_act,
                                                 const json::Object& ext);
inline std::optional<ReceivedToken> read_received_token(const Claims& record) {
  return read_received_token(record.exec_act, record.ext);
}

// What a token says, whatever its signature: the signed and the unsigned form of one payload have
// one digest. The CBOR form has a payload of its own.
Digest payload_digest(const Token& token);
// False: another decision than "approved" is in it.
bool is_approved(const Claims& claims);

// Reads the text of a received token by its form; no signature check. Reasons as verify_signed().
Result<Token> read_any(const std::string& text);
// Whether the record says of the text what the text says of itself. kTokenInvalid with the member
// that differs. Where there is no text there is nothing to compare.
Status check_received(const ReceivedToken& received, const Claims& record);

}  // namespace pawl::ect
