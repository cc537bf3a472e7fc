#include "infrastructure/identity/did.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::identity {
namespace {

constexpr std::string_view kDidJwk = "did:jwk:", kDidKey = "did:key:z";
constexpr std::size_t kMaxMultibase = 128;  // 35 bytes have 48 characters

std::string bytes_of(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) {
    out += static_cast<char>(value);
  }
  return out;
}

// Base58 as Bitcoin writes it: the number's digits to base 58, and a '1' for each leading zero
// byte.
Result<std::string> base58_decode(std::string_view text) {
  constexpr std::string_view kDigits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  constexpr unsigned kBase = 58;
  if (text.size() > kMaxMultibase) {
    return fail(Code::kMalformed, "did:key: more than a key has");
  }
  std::vector<unsigned> bytes;  // little end first
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      return fail(Code::kMalformed, "did:key: not base58");
    }
    unsigned carry = static_cast<unsigned>(digit);
    for (unsigned& byte : bytes) {
      carry += byte * kBase;
      byte = carry & 0xff;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) {
      bytes.push_back(carry & 0xff);
    }
  }
  const std::size_t zeros = std::min(text.find_first_not_of('1'), text.size());
  std::string out(zeros, '\0');
  std::for_each(bytes.rbegin(), bytes.rend(),
                [&](unsigned byte) { out += static_cast<char>(byte); });
  return out;
}

// By the multicodec in front: a P-256 point in short form, or an Ed25519 key.
Result<PublicKey> key_of_bytes(const std::string& bytes) {
  const std::string p256 = bytes_of({0x80, 0x24}), ed25519 = bytes_of({0xed, 0x01});
  if (bytes.starts_with(ed25519)) {
    return PublicKey::from_ed25519(std::string_view(bytes).substr(ed25519.size()));
  }
  constexpr std::size_t kShortPoint = 33;
  if (!bytes.starts_with(p256) || bytes.size() != p256.size() + kShortPoint) {
    return fail(Code::kUnsupported, "did:key: expected a P-256 or an Ed25519 key");
  }
  // SubjectPublicKeyInfo of a P-256 key, up to its point; OpenSSL checks that it is on the curve.
  const std::string spki =
      bytes_of({0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00}) +
      bytes.substr(p256.size());
  return PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + base64_encode(spki) +
                             "\n-----END PUBLIC KEY-----\n");
}

Result<PublicKey> key_of(std::string_view did) {
  if (did.size() > kMaxDidBytes) {
    return fail(Code::kMalformed, "a DID has at most 2048 bytes");
  }
  if (did.starts_with(kDidJwk)) {
    const Result<std::string> text = base64url_decode(did.substr(kDidJwk.size()));
    const Result<json::Parsed> jwk = text ? json::parse(*text) : fail(text.error());
    return jwk ? PublicKey::from_jwk(jwk->value) : fail(jwk.error());
  }
  if (did.starts_with(kDidKey)) {
    const Result<std::string> bytes = base58_decode(did.substr(kDidKey.size()));
    return bytes ? key_of_bytes(*bytes) : fail(bytes.error());
  }
  return fail(Code::kMalformed, "expected did:jwk: or did:key:z");
}

}  // namespace

bool looks_like_did(std::string_view issuer) {
  return issuer.starts_with("did:");
}

Result<jose::JwkSet> keys_of_did(std::string_view did) {
  const Result<PublicKey> key = key_of(did);
  if (!key) {
    return fail_at(did.substr(0, 64), key.error());
  }
  // did:jwk names its key "0", did:key by the key's own text.
  const std::string fragment =
      did.starts_with(kDidJwk) ? "#0" : "#" + std::string(did.substr(kDidKey.size() - 1));
  const std::string jwk = key->to_jwk().substr(1);
  std::string set;
  for (const std::string& kid : {std::string(did) + fragment, fragment}) {
    set += (set.empty() ? "" : ",") + std::string(R"({"kid":)") + json::quote(kid) + "," + jwk;
  }
  return jose::JwkSet::parse(R"({"keys":[)" + set + "]}");
}

}  // namespace pawl::identity
