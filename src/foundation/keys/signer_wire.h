// What a signer and those who ask it say to each other: one JSON object a line
// (docs/formats/signer.md).
//
// Threading:  pure functions.
// Errors:     kMalformed (what is wrong with the line). Of an answer also what the signer says:
//             kForbidden (it does not sign such a text), kIo.
// Not errors: further members; they are ignored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::signer {

inline constexpr std::size_t kMaxText = 2 << 20;       // of what is to be signed
inline constexpr std::size_t kMaxLine = 2 * kMaxText;  // base64 and the rest

enum class WhichKey { kRecord, kLog };

struct Request {
  WhichKey key = WhichKey::kRecord;
  bool is_public = false;  // asks for the public part, and not for a signature
  std::string text;
};
std::string print_request(const Request& request);
Result<Request> parse_request(std::string_view line);

std::string print_public(const PublicKey& key);
std::string print_signature(std::string_view signature);
std::string print_refusal(const Error& error);

Result<PublicKey> parse_public(std::string_view line);
Result<std::string> parse_signature(std::string_view line);

}  // namespace pawl::signer
