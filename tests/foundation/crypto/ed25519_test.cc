// Ed25519 comes from another library than the keys: both must mean the same by it.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/encoding.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {
namespace {

struct OpenSslKey {
  explicit OpenSslKey(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
  }
  ~OpenSslKey() { EVP_PKEY_free(key); }
  std::string sign(const std::string& message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    EVP_MD_CTX_free(context);
    return signature;
  }
  EVP_PKEY* key = nullptr;
};

TEST(Ed25519Test, OpenSslMakesTheSameSignatures) {
  for (std::size_t length : {0, 1, 63, 64, 127, 128, 1000, 100'000}) {
    const Result<SigningKey> key = SigningKey::generate(KeyKind::kEd25519);
    ASSERT_TRUE(key);
    const OpenSslKey other(key->to_pem());
    std::string message(length, 'm');
    const Result<std::string> signature = key->sign(message);
    ASSERT_TRUE(signature);
    EXPECT_EQ(*signature, other.sign(message)) << length << " bytes";
    EXPECT_EQ(key->public_key().verify("EdDSA", message, *signature), Verdict3::kValid);
    message.push_back('x');
    EXPECT_EQ(key->public_key().verify("EdDSA", message, *signature), Verdict3::kInvalid);
  }
}

// RFC 8032, section 7.1, test 2.
TEST(Ed25519Test, VerifiesTheVectorOfTheRfc) {
  const auto bytes = [](std::string_view hex) { return *hex_decode(hex); };
  const Result<PublicKey> key = PublicKey::from_ed25519(
      bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  ASSERT_TRUE(key);
  std::string signature = bytes(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_EQ(key->verify("EdDSA", "\x72", signature), Verdict3::kValid);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    signature[bit / 8] = static_cast<char>(signature[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(key->verify("EdDSA", "\x72", signature), Verdict3::kInvalid) << "bit " << bit;
    signature[bit / 8] = static_cast<char>(signature[bit / 8] ^ (1 << (bit % 8)));
  }
}

// With the point of order 1 as key, S = 0 and R = that point satisfy the equation for any message.
TEST(Ed25519Test, AKeyOfSmallOrderVerifiesNothing) {
  std::string identity(32, '\0');
  identity[0] = 1;
  const Result<PublicKey> key = PublicKey::from_ed25519(identity);
  if (key) {
    EXPECT_EQ(key->verify("EdDSA", "any", identity + std::string(32, '\0')), Verdict3::kInvalid);
  }
}

}  // namespace
}  // namespace pawl
