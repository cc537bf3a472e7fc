#include "foundation/keys/operator_key.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/foundation/keys/temporary_folder.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

std::string code_of(const Result<SigningKey>& key) {
  return key ? "ok" : std::string(code_name(key.error().code));
}

TEST(OperatorKeyTest, IsMadeOnceAndLoaded) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/operator.pem";
  EXPECT_EQ(code_of(load_operator_key(system_files(), path)), "not_found");
  const Result<SigningKey> made = create_operator_key(system_files(), path);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->kind(), KeyKind::kP256);
  EXPECT_EQ(code_of(create_operator_key(system_files(), path)), "conflict");
  const Result<SigningKey> loaded = load_operator_key(system_files(), path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->public_key().thumbprint(), made->public_key().thumbprint());

  std::filesystem::permissions(path, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(code_of(load_operator_key(system_files(), path)), "forbidden");
}

TEST(OperatorKeyTest, OtherContentsAreMalformed) {
  const SigningKey ed25519 = *SigningKey::generate(KeyKind::kEd25519);
  for (const std::string& contents :
       {std::string(), std::string("key"), ed25519.to_pem(), ed25519.public_key().to_pem()}) {
    FaultFiles files;
    ASSERT_TRUE(write_file(files, "operator.pem", contents));
    EXPECT_EQ(code_of(load_operator_key(files, "operator.pem")), "malformed") << contents;
  }
}

TEST(OperatorKeyTest, AMadeKeySurvivesAPowerCut) {
  bool done = false;
  for (std::uint64_t cut = 1; !done; ++cut) {
    ASSERT_LT(cut, 100u);
    FaultFiles files;
    files.cut_power_at(cut);
    const Result<SigningKey> made = create_operator_key(files, "operator.pem");
    done = made.has_value();
    const std::unique_ptr<FaultFiles> after = files.power_cut(cut);
    const Result<SigningKey> loaded = load_operator_key(*after, "operator.pem");
    if (done) {
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      EXPECT_EQ(loaded->public_key().thumbprint(), made->public_key().thumbprint());
    }
  }
}

}  // namespace
}  // namespace pawl
