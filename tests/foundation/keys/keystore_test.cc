#include "foundation/keys/keystore.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/foundation/keys/temporary_folder.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

constexpr const char* kFolder = "keys";

Result<Keystore> create(Files& files) {
  SeededRandom random;
  return Keystore::create(files, kFolder, random);
}

std::string outcome(const Result<Keystore>& keystore) {
  return keystore ? "open" : std::string(code_name(keystore.error().code));
}

TEST(KeystoreTest, CreatedKeysStayTheSame) {
  FaultFiles files;
  EXPECT_EQ(outcome(Keystore::open(files, kFolder)), "not_found");
  const Result<Keystore> made = create(files);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->instance_key().kind(), KeyKind::kP256);
  EXPECT_EQ(made->instance_kid(), made->instance_key().public_key().thumbprint());
  EXPECT_EQ(made->log_key().kind(), KeyKind::kEd25519);
  EXPECT_TRUE(made->operators().empty());
  EXPECT_TRUE(made->agents().empty());

  SeededRandom other(2);
  for (const Result<Keystore>& again :
       {Keystore::open(files, kFolder), Keystore::create(files, kFolder, other)}) {
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->instance_kid(), made->instance_kid());
    EXPECT_EQ(again->log_key().public_key().thumbprint(),
              made->log_key().public_key().thumbprint());
    EXPECT_EQ(again->derived_key("session"), made->derived_key("session"));
  }
}

TEST(KeystoreTest, DerivedKeysDifferByPurposeAndKeystore) {
  FaultFiles files;
  FaultFiles other_files;
  SeededRandom other_random(2);
  const Result<Keystore> keystore = create(files);
  const Result<Keystore> other = Keystore::create(other_files, kFolder, other_random);
  ASSERT_TRUE(keystore && other);
  EXPECT_EQ(keystore->derived_key("session").size(), 32u);
  EXPECT_NE(keystore->derived_key("session"), keystore->derived_key("request-state"));
  EXPECT_NE(keystore->derived_key("session"), other->derived_key("session"));

  SeededRandom random;  // by the format's page: HMAC-SHA-256 of the secret
  EXPECT_EQ(keystore->derived_key("session"), view(hmac_sha256(random.bytes(32), "session")));
}

TEST(KeystoreTest, EnrolledAccountsAreFoundAfterOpening) {
  FaultFiles files;
  Result<Keystore> keystore = create(files);
  ASSERT_TRUE(keystore.has_value());
  SeededRandom random(7);
  const PublicKey key = SigningKey::generate(KeyKind::kP256)->public_key();
  ASSERT_TRUE(keystore->enrol_operator("alice", key, {"operator"}));
  const Result<std::string> agent_key = keystore->enrol_agent("agent", random);
  const Result<std::string> second_key = keystore->enrol_agent("agent", random);
  ASSERT_TRUE(agent_key && second_key);
  EXPECT_EQ(agent_key->size(), 48u);
  EXPECT_EQ(agent_key->substr(0, 5), "pawl_");
  EXPECT_NE(*agent_key, *second_key);
  EXPECT_EQ(files.contents("keys/accounts.json").value_or("").find(agent_key->substr(5)),
            std::string::npos);

  Result<Keystore> again = Keystore::open(files, kFolder);
  ASSERT_TRUE(again.has_value());
  ASSERT_NE(again->find_operator(key.thumbprint()), nullptr);
  EXPECT_EQ(again->find_operator(key.thumbprint())->name, "alice");
  EXPECT_EQ(again->find_operator(""), nullptr);
  EXPECT_EQ(again->agents().at("agent"),
            (std::vector<Digest>{sha256(*agent_key), sha256(*second_key)}));

  // A change of one process does not undo that of another.
  ASSERT_TRUE(keystore->enrol_agent("late", random));
  ASSERT_TRUE(again->remove_agent("agent"));
  EXPECT_EQ(again->agents().count("late"), 1u);
  EXPECT_EQ(again->remove_agent("agent").error().code, Code::kNotFound);
  const Result<Keystore> last = Keystore::open(files, kFolder);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->agents().size(), 1u);
}

TEST(KeystoreTest, AChangeWhileAnotherProcessIsAtItIsAConflict) {
  FaultFiles files;
  Result<Keystore> keystore = create(files);
  ASSERT_TRUE(keystore.has_value());
  SeededRandom random;
  {
    const Result<std::unique_ptr<FileLock>> lock = files.lock("keys/lock", "test");
    ASSERT_TRUE(lock.has_value());
    EXPECT_EQ(keystore->enrol_agent("agent", random).error().code, Code::kConflict);
    EXPECT_EQ(outcome(create(files)), "conflict");
  }
  EXPECT_TRUE(keystore->agents().empty());
  EXPECT_TRUE(keystore->enrol_agent("agent", random).has_value());
}

TEST(KeystoreTest, DamagedOrMissingFilesAreNamed) {
  FaultFiles good;
  const Result<Keystore> keystore = create(good);
  ASSERT_TRUE(keystore.has_value());
  const std::string instance = *good.contents("keys/instance.pem");
  const std::string log = *good.contents("keys/log.pem");
  struct Case {
    const char* file;
    std::string contents;  // "-": removed
    const char* code;
  };
  const Case cases[] = {
      {"instance.pem", "-", "not_found"},
      {"log.pem", "-", "malformed"},
      {"secret", "-", "malformed"},
      {"accounts.json", "-", "malformed"},
      {"instance.pem", "", "malformed"},
      {"instance.pem", log, "malformed"},
      {"instance.pem", keystore->instance_key().public_key().to_pem(), "malformed"},
      {"log.pem", instance, "malformed"},
      {"log.pem", log.substr(0, log.size() / 2), "malformed"},
      {"secret", "", "malformed"},
      {"secret", "AAAA\n", "malformed"},
      {"secret", std::string(43, 'A') + "\n\n", "malformed"},
      {"accounts.json", "", "malformed"},
      {"accounts.json", "{}", "malformed"},
      {"instance.pem", std::string(65 * 1024, ' '), "too_large"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.file) + " with " + c.contents.substr(0, 40));
    FaultFiles files;
    ASSERT_TRUE(create(files).has_value());
    const std::string path = std::string("keys/") + c.file;
    ASSERT_TRUE(c.contents == "-" ? files.remove(path) : write_file(files, path, c.contents));
    const Result<Keystore> opened = Keystore::open(files, kFolder);
    EXPECT_EQ(outcome(opened), c.code);
    if (!opened && opened.error().code == Code::kMalformed) {
      EXPECT_EQ(opened.error().message.rfind(path, 0), 0u) << opened.error().message;
    }
    if (c.contents != "-" || std::string_view(c.code) == "malformed") {
      EXPECT_EQ(outcome(create(files)), c.code);  // making it again mends nothing in silence
    }
  }
}

TEST(KeystoreTest, APowerCutWhileCreatingIsFinishedByTheNextCreate) {
  bool done = false;
  for (std::uint64_t cut = 1; !done; ++cut) {
    ASSERT_LT(cut, 500u);
    FaultFiles files;
    files.cut_power_at(cut);
    const Result<Keystore> first = create(files);
    done = first.has_value();
    const std::string kid = first ? first->instance_kid() : "";
    const std::unique_ptr<FaultFiles> after = files.power_cut(cut);
    const Result<Keystore> second = create(*after);
    ASSERT_TRUE(second.has_value()) << "cut " << cut << ": " << second.error().message;
    if (done) {
      EXPECT_EQ(second->instance_kid(), kid);
    }
  }
}

TEST(KeystoreTest, AnEnrolledAgentSurvivesAPowerCutAndAFailedOneIsNotHalfThere) {
  bool done = false;
  for (std::uint64_t cut = 1; !done; ++cut) {
    ASSERT_LT(cut, 500u);
    FaultFiles files;
    Result<Keystore> keystore = create(files);
    ASSERT_TRUE(keystore.has_value());
    files.cut_power_at(files.calls() + cut);
    SeededRandom random;
    const Result<std::string> key = keystore->enrol_agent("agent", random);
    done = key.has_value();
    EXPECT_EQ(keystore->agents().count("agent"), done ? 1u : 0u);
    const std::unique_ptr<FaultFiles> after = files.power_cut(cut);
    const Result<Keystore> again = Keystore::open(*after, kFolder);
    ASSERT_TRUE(again.has_value()) << "cut " << cut << ": " << again.error().message;
    if (done) {
      EXPECT_EQ(again->agents().at("agent"), std::vector<Digest>{sha256(*key)});
    }
  }
}

TEST(KeystoreTest, FilesThatOthersMayReadAreForbidden) {
  namespace fs = std::filesystem;
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/keys";
  ASSERT_TRUE(Keystore::create(system_files(), path, system_random()).has_value());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
  struct Case {
    const char* name;
    fs::perms extra;
  };
  const Case cases[] = {
      {"", fs::perms::group_exec},
      {"", fs::perms::others_read},
      {"/instance.pem", fs::perms::group_read},
      {"/log.pem", fs::perms::others_read},
      {"/secret", fs::perms::others_write},
      {"/accounts.json", fs::perms::group_write},
  };
  for (const Case& c : cases) {
    const fs::perms before = fs::status(path + c.name).permissions();
    EXPECT_EQ(before & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << c.name;
    fs::permissions(path + c.name, c.extra, fs::perm_options::add);
    EXPECT_EQ(outcome(Keystore::open(system_files(), path)), "forbidden") << c.name;
    EXPECT_EQ(outcome(Keystore::create(system_files(), path, system_random())), "forbidden");
    fs::permissions(path + c.name, before);
    EXPECT_EQ(outcome(Keystore::open(system_files(), path)), "open") << c.name;
  }
}

}  // namespace
}  // namespace pawl
