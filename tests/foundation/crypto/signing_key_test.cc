#include "foundation/crypto/signing_key.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "foundation/crypto/ecdsa_signature.h"
#include "tests/foundation/crypto/vectors.h"

namespace pawl {
namespace {

using testing::base64url_of;
using testing::text_of;

// The order n of P-256 and of its field p (SP 800-186).
constexpr const char* kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr const char* kP256Alg = "ES256";

std::string pem_of(EVP_PKEY* pkey, bool is_private) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  if (is_private) {
    EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey, nullptr, nullptr, 0, nullptr, nullptr),
              1);
  } else {
    EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), pkey), 1);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
Pkey owned(EVP_PKEY* pkey) {
  return Pkey(pkey, EVP_PKEY_free);
}

PublicKey key_of(const json::Value& row) {
  Result<PublicKey> key = PublicKey::from_jwk(*json::find(row, {"jwk"}));
  EXPECT_TRUE(key.has_value()) << (key ? "" : key.error().message);
  return *key;
}

std::string code_of(const Result<PublicKey>& key) {
  return key ? "accepted" : std::string(code_name(key.error().code));
}

TEST(PublicKeyTest, PublishedSignaturesVerify) {
  for (const json::Value& row : testing::vectors("jose.json", "signatures")) {
    SCOPED_TRACE(text_of(row, "name"));
    const PublicKey key = key_of(row);
    const std::string alg = text_of(row, "alg");
    const std::string message = text_of(row, "message");
    const std::string signature = base64url_of(row, "signature");
    for (int i = 0; i < 3; ++i) {  // the kept context gives the same answer again
      EXPECT_EQ(key.verify(alg, message, signature), Verdict3::kValid);
      EXPECT_EQ(key.verify(alg, message + ".", signature), Verdict3::kInvalid);
    }
    for (std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string flipped = signature;
      flipped[at] ^= 1;
      EXPECT_EQ(key.verify(alg, message, flipped), Verdict3::kInvalid) << "byte " << at;
    }
    EXPECT_EQ(key.verify(alg, message, ""), Verdict3::kInvalid);
    EXPECT_EQ(key.verify(alg, message, signature.substr(1)), Verdict3::kInvalid);
    EXPECT_EQ(key.verify(alg, message, signature + '\0'), Verdict3::kInvalid);
    EXPECT_EQ(key.verify(alg, message, std::string(signature.size(), '\0')), Verdict3::kInvalid);
    EXPECT_EQ(key.verify(alg, message, std::string(signature.size(), '\xff')), Verdict3::kInvalid);
  }
}

TEST(PublicKeyTest, AnAlgorithmOfAnotherKindOrNoneNeverVerifies) {
  for (const json::Value& row : testing::vectors("jose.json", "signatures")) {
    const PublicKey key = key_of(row);
    for (const char* alg : {"ES256", "ES384", "EdDSA", "RS256", "PS256", "none", "HS256", "HS512",
                            "ES256K", "es256", "ES512", "RS1", ""}) {
      if (alg != text_of(row, "alg")) {
        EXPECT_NE(key.verify(alg, text_of(row, "message"), base64url_of(row, "signature")),
                  Verdict3::kValid)
            << text_of(row, "name") << " as " << alg;
      }
    }
  }
}

TEST(PublicKeyTest, EcdsaRefusesNumbersOutsideTheGroupAndDer) {
  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const std::string good = *key.sign("message");
  const std::string order = *hex_decode(kOrder);
  const std::string zero(32, '\0');
  const std::string r = good.substr(0, 32);
  const std::string s = good.substr(32);
  struct Case {
    const char* name;
    std::string signature;
  };
  const Case cases[] = {
      {"r zero", zero + s},
      {"s zero", r + zero},
      {"both zero", zero + zero},
      {"r is the order", order + s},
      {"s is the order", r + order},
      {"halves swapped", s + r},
      {"DER", *openssl::der_from_raw(good, 32)},
      {"65 bytes", '\0' + good},
      {"63 bytes", good.substr(0, 63)},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(key.public_key().verify(kP256Alg, "message", c.signature), Verdict3::kInvalid)
        << c.name;
  }
  EXPECT_EQ(key.public_key().verify(kP256Alg, "message", good), Verdict3::kValid);
}

// Against the library's own writer: small numbers, such with the first bit set, and zero.
TEST(EcdsaSignature, IsWrittenAsTheLibraryWritesIt) {
  for (const std::size_t width : {std::size_t{32}, std::size_t{48}}) {
    for (std::size_t zeros = 0; zeros <= width; ++zeros) {
      for (const char first : {'\x01', '\x7f', '\x80', '\xff'}) {
        std::string number(width, '\x5a');
        std::fill_n(number.begin(), zeros, '\0');
        if (zeros < width) {
          number[zeros] = first;
        }
        const std::string raw = number + std::string(width, '\xff');
        const auto* octets = reinterpret_cast<const unsigned char*>(raw.data());
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                              ECDSA_SIG_free);
        ASSERT_EQ(
            ECDSA_SIG_set0(signature.get(), BN_bin2bn(octets, static_cast<int>(width), nullptr),
                           BN_bin2bn(octets + width, static_cast<int>(width), nullptr)),
            1);
        unsigned char* der = nullptr;
        const int size = i2d_ECDSA_SIG(signature.get(), &der);
        ASSERT_GT(size, 0);
        const std::string expected(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
        OPENSSL_free(der);
        EXPECT_EQ(openssl::der_from_raw(raw, width), expected) << width << " " << zeros;
        EXPECT_EQ(openssl::raw_from_der(expected, width), raw);
      }
    }
  }
  EXPECT_EQ(openssl::der_from_raw(std::string(63, 'a'), 32), std::nullopt);
  EXPECT_EQ(openssl::der_from_raw("", 0), std::nullopt);
}

TEST(PublicKeyTest, Ps256VerifiesWithTheSaltOfTheStandardOnly) {
  const Pkey pkey = owned(EVP_RSA_gen(2048));
  const PublicKey key = *PublicKey::from_pem(pem_of(pkey.get(), false));
  EXPECT_EQ(key.kind(), KeyKind::kRsa);
  const std::string message = "message";
  struct Case {
    const char* name;
    int padding, salt;
    const char* alg;
    Verdict3 verdict;
  };
  const Case cases[] = {
      {"PSS, salt 32", RSA_PKCS1_PSS_PADDING, 32, "PS256", Verdict3::kValid},
      {"PSS, salt 20", RSA_PKCS1_PSS_PADDING, 20, "PS256", Verdict3::kInvalid},
      {"PSS as RS256", RSA_PKCS1_PSS_PADDING, 32, "RS256", Verdict3::kInvalid},
      {"PKCS #1", RSA_PKCS1_PADDING, 0, "RS256", Verdict3::kValid},
      {"PKCS #1 as PS256", RSA_PKCS1_PADDING, 0, "PS256", Verdict3::kInvalid},
  };
  for (const Case& c : cases) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    ASSERT_EQ(EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, pkey.get()), 1);
    ASSERT_GT(EVP_PKEY_CTX_set_rsa_padding(options, c.padding), 0);
    if (c.padding == RSA_PKCS1_PSS_PADDING) {
      ASSERT_GT(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, c.salt), 0);
    }
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    ASSERT_EQ(
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()),
        1);
    EXPECT_EQ(key.verify(c.alg, message, signature), c.verdict) << c.name;
  }
}

TEST(PublicKeyTest, PublishedThumbprints) {
  for (const json::Value& row : testing::vectors("jose.json", "thumbprints")) {
    EXPECT_EQ(key_of(row).thumbprint(), text_of(row, "thumbprint")) << text_of(row, "name");
  }
}

TEST(PublicKeyTest, PemAndJwkKeepTheKey) {
  for (const json::Value& row : testing::vectors("jose.json", "signatures")) {
    SCOPED_TRACE(text_of(row, "name"));
    const PublicKey key = key_of(row);
    const Result<PublicKey> by_pem = PublicKey::from_pem(key.to_pem());
    const Result<PublicKey> by_jwk = PublicKey::from_jwk(json::parse(key.to_jwk())->value);
    ASSERT_TRUE(by_pem && by_jwk);
    EXPECT_EQ(by_pem->thumbprint(), key.thumbprint());
    EXPECT_EQ(by_jwk->thumbprint(), key.thumbprint());
    EXPECT_EQ(by_pem->kind(), key.kind());
    const Result<std::string> raw = key.ed25519_raw();
    ASSERT_EQ(raw.has_value(), key.kind() == KeyKind::kEd25519);
    if (raw) {
      EXPECT_EQ(PublicKey::from_ed25519(*raw)->thumbprint(), key.thumbprint());
    } else {
      EXPECT_EQ(raw.error().code, Code::kUnsupported);
    }
  }
  EXPECT_EQ(code_of(PublicKey::from_ed25519("short")), "malformed");
}

TEST(PublicKeyTest, BadJwksAreMalformed) {
  // The coordinates of RFC 7515, appendix A.3.
  const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
  const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
  const auto ec = [](const std::string& crv, const std::string& a, const std::string& b) {
    return R"({"kty":"EC","crv":")" + crv + R"(","x":")" + a + R"(","y":")" + b + R"("})";
  };
  const std::string zeros(43, 'A');
  struct Case {
    const char* name;
    std::string jwk;
  };
  const Case cases[] = {
      {"no object", R"(["EC"])"},
      {"no kty", R"({"crv":"P-256"})"},
      {"symmetric", R"({"kty":"oct","k":"c2VjcmV0"})"},
      {"private", R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + R"(","d":"AA"})"},
      {"not on the curve", ec("P-256", y, x)},
      {"point zero", ec("P-256", zeros, zeros)},
      {"P-256 point on P-384", ec("P-384", x, y)},
      {"unsupported curve", ec("secp256k1", x, y)},
      {"coordinate cut", ec("P-256", x.substr(0, 42), y)},
      {"coordinate padded", ec("P-256", x + "=", y)},
      {"trailing bits set", ec("P-256", x.substr(0, 42) + "V", y)},
      {"coordinate no string", R"({"kty":"EC","crv":"P-256","x":1,"y":2})"},
      {"no y", R"({"kty":"EC","crv":"P-256","x":")" + x + R"("})"},
      {"Ed448", R"({"kty":"OKP","crv":"Ed448","x":")" + x + R"("})"},
      {"X25519", R"({"kty":"OKP","crv":"X25519","x":")" + x + R"("})"},
      {"Ed25519 of 31 bytes",
       R"({"kty":"OKP","crv":"Ed25519","x":")" + std::string(42, 'A') + R"("})"},
      {"RSA of 1024 bits", R"({"kty":"RSA","e":"AQAB","n":")" + std::string(171, '_') + R"("})"},
      {"RSA of 16384 bits", R"({"kty":"RSA","e":"AQAB","n":")" + std::string(2730, '_') + R"("})"},
      {"RSA even modulus", R"({"kty":"RSA","e":"AQAB","n":"_)" + std::string(341, 'A') + R"("})"},
      {"RSA without e", R"({"kty":"RSA","n":")" + std::string(342, 'z') + R"("})"},
      {"RSA empty e", R"({"kty":"RSA","e":"","n":")" + std::string(342, 'z') + R"("})"},
  };
  for (const Case& c : cases) {
    const Result<json::Parsed> parsed = json::parse(c.jwk);
    ASSERT_TRUE(parsed.has_value()) << c.name;
    EXPECT_EQ(code_of(PublicKey::from_jwk(parsed->value)), "malformed") << c.name;
  }
}

TEST(PublicKeyTest, BadPemIsMalformed) {
  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const std::string good = key.public_key().to_pem();
  const Pkey p521 = owned(EVP_EC_gen("P-521"));
  const Pkey k1 = owned(EVP_EC_gen("secp256k1"));
  const Pkey small = owned(EVP_RSA_gen(1024));
  const Pkey spelled = owned(EVP_EC_gen("P-256"));
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(spelled.get(), "encoding", "explicit"), 1);
  struct Case {
    const char* name;
    std::string pem;
  };
  const Case cases[] = {
      {"empty", ""},
      {"no PEM", "hello"},
      {"a private key", key.to_pem()},
      {"body cut", good.substr(0, good.size() / 2)},
      {"P-521", pem_of(p521.get(), false)},
      {"secp256k1", pem_of(k1.get(), false)},
      {"RSA of 1024 bits", pem_of(small.get(), false)},
      {"curve by parameters", pem_of(spelled.get(), false)},
      {"larger than 64 KiB", std::string(65 * 1024, '\n') + good},
      {"a damaged certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(code_of(PublicKey::from_pem(c.pem)), "malformed") << c.name;
  }
}

TEST(PublicKeyTest, ACertificateGivesItsKey) {
  const Pkey pkey = owned(EVP_EC_gen("P-256"));
  std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  ASSERT_EQ(X509_set_pubkey(certificate.get(), pkey.get()), 1);
  ASSERT_NE(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0), nullptr);
  ASSERT_NE(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60), nullptr);
  ASSERT_GT(X509_sign(certificate.get(), pkey.get(), EVP_sha256()), 0);
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  ASSERT_EQ(PEM_write_bio_X509(bio.get(), certificate.get()), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  const Result<PublicKey> key =
      PublicKey::from_pem(std::string_view(text, static_cast<std::size_t>(size)));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->to_pem(), pem_of(pkey.get(), false));
}

TEST(SigningKeyTest, SignsInJwsFormAndSurvivesPem) {
  struct Case {
    KeyKind kind;
    const char* alg;
  };
  for (const Case& c : {Case{KeyKind::kP256, "ES256"}, Case{KeyKind::kEd25519, "EdDSA"}}) {
    SCOPED_TRACE(c.alg);
    const Result<SigningKey> key = SigningKey::generate(c.kind);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->kind(), c.kind);
    const Result<SigningKey> again = SigningKey::from_pem(key->to_pem());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->public_key().thumbprint(), key->public_key().thumbprint());
    for (int i = 0; i < 64; ++i) {  // short r and s keep their width
      const std::string message(static_cast<std::size_t>(i), 'm');
      const std::string signature = *again->sign(message);
      ASSERT_EQ(signature.size(), 64u);
      EXPECT_EQ(key->public_key().verify(c.alg, message, signature), Verdict3::kValid);
    }
    EXPECT_NE(SigningKey::generate(c.kind)->public_key().verify(c.alg, "m", *key->sign("m")),
              Verdict3::kValid);
  }
  EXPECT_EQ(SigningKey::generate(KeyKind::kRsa).error().code, Code::kUnsupported);
}

TEST(SigningKeyTest, BadPemIsMalformed) {
  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const Pkey p384 = owned(EVP_EC_gen("P-384"));
  std::string encrypted = key.to_pem();
  for (const char* label : {"BEGIN ", "END "}) {
    encrypted.insert(encrypted.find(label) + std::string_view(label).size(), "ENCRYPTED ");
  }
  std::string traditional = key.to_pem();
  for (const char* label : {"BEGIN ", "END "}) {
    traditional.insert(traditional.find(label) + std::string_view(label).size(), "EC ");
  }
  struct Case {
    const char* name;
    std::string pem;
  };
  const Case cases[] = {
      {"empty", ""},
      {"a public key", key.public_key().to_pem()},
      {"encrypted", encrypted},
      {"SEC 1 form", traditional},
      {"P-384", pem_of(p384.get(), true)},
      {"cut", key.to_pem().substr(0, 100)},
  };
  for (const Case& c : cases) {
    const Result<SigningKey> read = SigningKey::from_pem(c.pem);
    ASSERT_FALSE(read.has_value()) << c.name;
    EXPECT_EQ(read.error().code, Code::kMalformed) << c.name;
  }
}

TEST(SigningKeyTest, ManyKeysOnManyThreads) {
  std::vector<SigningKey> keys;
  for (int i = 0; i < 70; ++i) {  // more keys than a thread keeps contexts for
    keys.push_back(*SigningKey::generate(i % 2 == 0 ? KeyKind::kP256 : KeyKind::kEd25519));
  }
  std::vector<int> wrong(2, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &keys] {
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string signature = *keys[i].sign("m");
        const char* alg = i % 2 == 0 ? "ES256" : "EdDSA";
        count += keys[i].public_key().verify(alg, "m", signature) == Verdict3::kValid ? 0 : 1;
        count += keys[(i + 2) % keys.size()].public_key().verify(alg, "m", signature) ==
                         Verdict3::kInvalid
                     ? 0
                     : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, std::vector<int>(2, 0));
}

}  // namespace
}  // namespace pawl
