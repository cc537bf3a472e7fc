#include "foundation/crypto/aead.h"

#include <limits>

#include <openssl/crypto.h>

#include "base/assert.h"
#include "foundation/crypto/openssl_check.h"

namespace pawl {
namespace {

using namespace openssl;

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
// OpenSSL counts in int; nothing that we seal comes near.
constexpr std::size_t kMaxSize = std::numeric_limits<int>::max() / 2;

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const kAlgorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  PAWL_CHECK(kAlgorithm != nullptr, "this OpenSSL has no AES-256-GCM");
  return kAlgorithm;
}

// A new context each time: a kept one would keep the key.
CipherContext new_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  PAWL_CHECK(check_not_null(context), "out of memory");
  return context;
}

tl::unexpected<Error> not_ours() {
  forget_errors();
  return fail(Code::kBadSignature,
              "sealed text does not open: forged, truncated or of another use");
}

}  // namespace

std::string aead_seal(std::string_view key, std::string_view bound, std::string_view plain,
                      Random& random) {
  PAWL_CHECK(key.size() == kKeySize, "AES-256 keys have 32 bytes");
  PAWL_CHECK(plain.size() <= kMaxSize && bound.size() <= kMaxSize, "too large to seal");
  const CipherContext context = new_context();
  EVP_CIPHER_CTX* c = context.get();

  std::string sealed = random.bytes(kNonceSize);
  PAWL_CHECK(sealed.size() == kNonceSize, "a random source gives what is asked");
  PAWL_CHECK(
      check_one(EVP_EncryptInit_ex2(c, aes_256_gcm(), octets_of(key), octets_of(sealed), nullptr)),
      "seal: start");
  int size = 0;
  PAWL_CHECK(check_one(EVP_EncryptUpdate(c, nullptr, &size, octets_of(bound),
                                         static_cast<int>(bound.size()))),
             "seal: associated data");
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  unsigned char* out = octets_of(sealed) + kNonceSize;
  PAWL_CHECK(
      check_one(EVP_EncryptUpdate(c, out, &size, octets_of(plain), static_cast<int>(plain.size()))),
      "seal: text");
  PAWL_CHECK(check_one(EVP_EncryptFinal_ex(c, out + size, &size)), "seal: end");
  PAWL_CHECK(
      check_positive(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, kTagSize, out + plain.size())),
      "seal: tag");
  return sealed;
}

Result<std::string> aead_open(std::string_view key, std::string_view bound,
                              std::string_view sealed) {
  PAWL_CHECK(key.size() == kKeySize, "AES-256 keys have 32 bytes");
  if (sealed.size() < kNonceSize + kTagSize || sealed.size() > kMaxSize ||
      bound.size() > kMaxSize) {
    return not_ours();
  }
  const std::string_view cipher = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  const CipherContext context = new_context();
  EVP_CIPHER_CTX* c = context.get();

  std::string plain(cipher.size(), '\0');
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];  // GCM leaves nothing for the end
  int size = 0;
  const bool opened =
      check_one(
          EVP_DecryptInit_ex2(c, aes_256_gcm(), octets_of(key), octets_of(sealed), nullptr)) &&
      check_one(
          EVP_DecryptUpdate(c, nullptr, &size, octets_of(bound), static_cast<int>(bound.size()))) &&
      check_one(EVP_DecryptUpdate(c, octets_of(plain), &size, octets_of(cipher),
                                  static_cast<int>(cipher.size()))) &&
      check_positive(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data())) &&
      check_one(EVP_DecryptFinal_ex(c, rest, &size));
  if (!opened) {
    OPENSSL_cleanse(plain.data(), plain.size());  // unauthenticated text goes nowhere
    return not_ours();
  }
  return plain;
}

}  // namespace pawl
