// Salts of a record's digests: as the page says, each another, and gone with their key.
#include "foundation/vault/salt.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/salted_digest.h"
#include "foundation/vault/vault.h"
#include "foundation/vault/vault_store.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/source_dir.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
const std::string kMonth = "body/2026-03";

Uuid record_of(int number) {
  return *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a80" + std::to_string(number));
}

TEST(Salt, TheVectorOfThePage) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/vault/salted.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value vector = json::parse(*text)->value;
  const auto at = [&](std::initializer_list<std::string_view> path) {
    return std::string(*json::find_string(vector, path));
  };
  const Result<KeyFile> key = read_key_file(at({"key_file"}));
  ASSERT_TRUE(key && check_key(*key));
  EXPECT_EQ(key->id, at({"salted", "key"}));
  const Uuid record = *Uuid::parse(at({"record"}));
  for (const auto& [of, bytes] : {std::pair{"inp", at({"input"})}, {"out", at({"output"})}}) {
    const std::string salt = salt_of(*key, record, of);
    EXPECT_EQ(base64url_encode(salt), at({"salts", of}));
    EXPECT_EQ(digest_text(salted_digest(salt, sha256(bytes))), at({"salted", of}));
  }
}

TEST(Salt, IsAnotherForEachKeyRecordAndDigest) {
  SeededRandom random;
  std::set<std::string> seen;
  std::size_t made = 0;
  for (int key_number = 0; key_number < 3; ++key_number) {
    const KeyFile key = make_key(kMonth, kNow, random);
    for (int number = 10; number < 20; ++number) {
      for (const char* of : {"inp", "out", "body", "events", "root"}) {
        const std::string salt = salt_of(key, record_of(number), of);
        EXPECT_EQ(salt.size(), kSaltBytes);
        EXPECT_EQ(salt, salt_of(key, record_of(number), of));
        seen.insert(salt);
        ++made;
      }
    }
  }
  EXPECT_EQ(seen.size(), made);
}

TEST(Salt, OnlyADigestReadsAsOne) {
  const Digest digest = sha256("x");
  EXPECT_EQ(read_digest(digest_text(digest)), digest);
  for (const std::string& text : {std::string(), digest_text(digest) + "A",
                                  digest_text(digest).substr(1), std::string(43, '!')}) {
    EXPECT_FALSE(read_digest(text)) << text;
  }
}

TEST(Salt, OfTheVaultIsThereUntilItsKeyIsErasedAndALostKeyIsNotErased) {
  FaultFiles files;
  SeededRandom random;
  Vault vault(files, "data");
  const KeyFile key = *vault.shared_key(kMonth, kNow, random);
  EXPECT_EQ(vault.salt(key.id, record_of(10), "inp"), salt_of(key, record_of(10), "inp"));
  EXPECT_EQ(vault.salt("no id", record_of(10), "inp").error().code, Code::kMalformed);

  const std::string path = "data/vault-keys/" + key.id + ".key";
  ASSERT_TRUE(files.rename(path, "data/aside"));
  const Result<std::string> lost = vault.salt(key.id, record_of(10), "inp");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Code::kUndecidable);
  EXPECT_NE(lost.error().message.find("the vault key " + key.id + " is lost"), std::string::npos)
      << lost.error().message;
  ASSERT_TRUE(files.rename("data/aside", path));

  const std::vector<Erasure> ordered = *vault.order_erasure(kMonth, kNow);
  const Result<std::string> erasing = vault.salt(key.id, record_of(10), "inp");
  ASSERT_FALSE(erasing);
  EXPECT_EQ(erasing.error().code, Code::kNotFound);
  ASSERT_TRUE(vault.destroy(ordered, record_of(99).text()));
  const Result<std::string> erased = vault.salt(key.id, record_of(10), "inp");
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, Code::kNotFound);
  EXPECT_NE(erased.error().message.find("was erased, ordered"), std::string::npos);
  EXPECT_NE(erased.error().message.find(record_of(99).text()), std::string::npos);

  const KeyFile next = *vault.shared_key(kMonth, kNow, random);
  EXPECT_NE(next.id, key.id);
  EXPECT_TRUE(vault.salt(next.id, record_of(10), "inp"));
}

}  // namespace
}  // namespace pawl::vault
