// Fixed keys that sign what a target then alters; they protect nothing.
//
// Threading:  any thread. Fixed, so that a seed means the same in every run.
#pragma once

#include <string>
#include <string_view>

#include "foundation/crypto/signing_key.h"
#include "foundation/jose/jwk_set.h"

namespace pawl::fuzz {

inline const SigningKey& token_key() {
  static const SigningKey key = *SigningKey::from_pem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgw359Ag39duDGMxR3\n"
      "eV6SoJIwupW3jH1FxKLPFmYkNEyhRANCAAT9sERvl1Ww3CRjsxkptKnU/rqAsSSj\n"
      "cmtAlYEwDDRRbYj9cj91pUCuEWAPk2NROF/j3RAEWSRyKVbiyMjnZeGq\n"
      "-----END PRIVATE KEY-----\n");
  return key;
}

inline const SigningKey& log_key() {
  static const SigningKey key = *SigningKey::from_pem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIA6tWEBFQWYVUwFuRYTro//sAWL9OXx/1YtS8PboBl9L\n"
      "-----END PRIVATE KEY-----\n");
  return key;
}

inline jose::JwkSet token_key_set() {
  const std::string jwk = token_key().public_key().to_jwk();
  return *jose::JwkSet::parse(R"({"keys":[{"kid":"k",)" + jwk.substr(1) + "]}");
}

// `text` with one byte changed, as `edit` says: two bytes of place, one of change. An empty edit,
// or one of a change that is none, leaves the text alone.
inline std::string altered(std::string_view text, std::string_view edit) {
  std::string out(text);
  if (edit.size() >= 3 && !out.empty()) {
    const std::size_t place =
        static_cast<unsigned char>(edit[0]) * 256u + static_cast<unsigned char>(edit[1]);
    out[place % out.size()] = static_cast<char>(out[place % out.size()] ^ edit[2]);
  }
  return out;
}

}  // namespace pawl::fuzz
