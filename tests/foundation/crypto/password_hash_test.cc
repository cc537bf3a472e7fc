// Hashes of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c; CC0).
#include "foundation/crypto/password_hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/crypto/hmac_sha1.h"

namespace pawl {
namespace {

constexpr const char* kReference =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

TEST(PasswordHash, TheReferenceIsRead) {
  EXPECT_TRUE(*check_password(kReference, "password"));
  EXPECT_FALSE(*check_password(kReference, "Password"));
  EXPECT_FALSE(*check_password(kReference, ""));
}

TEST(PasswordHash, IsSaltedAndReadsItself) {
  const Result<std::string> hash = hash_password("correct horse battery");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(is_password_hash(*hash)) << *hash;
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=262144,t=3,p=1$")) << *hash;
  EXPECT_TRUE(*check_password(*hash, "correct horse battery"));
  EXPECT_FALSE(*check_password(*hash, std::string("correct horse battery\0", 22)));
  EXPECT_NE(*hash_password("correct horse battery"), *hash);
}

TEST(PasswordHash, OnlyABearableCostIsPaid) {
  const std::string salt = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  for (const std::string& text :
       {std::string(), std::string("password"), "$argon2i$v=19$m=65536,t=2,p=1" + salt,
        "$argon2id$v=16$m=65536,t=2,p=1" + salt, "$argon2id$v=19$m=1048577,t=2,p=1" + salt,
        "$argon2id$v=19$m=99999999999,t=2,p=1" + salt, "$argon2id$v=19$m=65536,t=11,p=1" + salt,
        "$argon2id$v=19$m=65536,t=2,p=4" + salt, "$argon2id$v=19$m=65536,t=2" + salt,
        "$argon2id$v=19$m=-1,t=2,p=1" + salt, std::string("$argon2id$v=19$m=65536,t=2,p=1$"),
        std::string("$argon2id$v=19$m=65536,t=2,p=1$c29t$"), kReference + std::string(128, 'A')}) {
    EXPECT_FALSE(is_password_hash(text)) << text;
    EXPECT_FALSE(check_password(text, "password")) << text;
  }
}

// RFC 2202, section 3.
TEST(HmacSha1, PublishedValues) {
  const auto hex = [](std::string_view key, std::string_view text) {
    const auto mac = hmac_sha1(key, text);
    return hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
  };
  EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex("", ""), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

}  // namespace
}  // namespace pawl
