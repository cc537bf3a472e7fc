#include "foundation/keys/key_source.h"

#include <unistd.h>
#include <filesystem>

#include <gtest/gtest.h>

#include "foundation/keys/keystore.h"
#include "tests/foundation/keys/temporary_folder.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

const SigningKey& p256(int number) {
  static const SigningKey keys[] = {*SigningKey::generate(KeyKind::kP256),
                                    *SigningKey::generate(KeyKind::kP256),
                                    *SigningKey::generate(KeyKind::kP256)};
  return keys[number];
}
const SigningKey& ed25519(int number) {
  static const SigningKey keys[] = {*SigningKey::generate(KeyKind::kEd25519),
                                    *SigningKey::generate(KeyKind::kEd25519)};
  return keys[number];
}
std::string kid(const SigningKey& key) {
  return key.public_key().thumbprint();
}

KeySource source(const std::string& text) {
  return *KeySource::parse(text);
}
KeySources sources(const std::string& instance, const std::string& log = "",
                   const std::string& next = "-") {
  KeySources out{source(instance), source(log), std::nullopt, "cred"};
  if (next != "-") {
    out.next = source(next);
  }
  return out;
}

// Credentials a, b and c are P-256 keys, log and other Ed25519 keys.
void hand_over(FaultFiles& files) {
  ASSERT_TRUE(make_durable_directory(files, "cred"));
  ASSERT_TRUE(write_file(files, "cred/a", p256(0).to_pem()));
  ASSERT_TRUE(write_file(files, "cred/b", p256(1).to_pem()));
  ASSERT_TRUE(write_file(files, "cred/c", p256(2).to_pem()));
  ASSERT_TRUE(write_file(files, "cred/log", ed25519(0).to_pem()));
  ASSERT_TRUE(write_file(files, "cred/other", ed25519(1).to_pem()));
}

Result<Keystore> start(Files& files, const KeySources& given) {
  SeededRandom random;
  return Keystore::create(files, "keys", random, given);
}
std::string said(const Result<Keystore>& keys) {
  return keys ? "open" : std::string(code_name(keys.error().code)) + ": " + keys.error().message;
}
std::string said(const Status& status) {
  return status ? "good"
                : std::string(code_name(status.error().code)) + ": " + status.error().message;
}

TEST(KeySource, TheTextsThatNameOne) {
  EXPECT_TRUE(source("").is_file());
  EXPECT_TRUE(source("file").is_file());
  EXPECT_EQ(source("credential:pawl-instance.pem").name, "pawl-instance.pem");
  EXPECT_EQ(source("signer:./sign.sock").name, "./sign.sock");
  for (const char* text :
       {"signer:", "credential:", "credential:../x", "credential:a/b", "credential:.x",
        "credential:a b", "Credential:a", "file:/x", "/etc/key.pem", "pkcs12:x"}) {
    EXPECT_EQ(KeySource::parse(text).error().code, Code::kInvalidParams) << text;
  }
}

TEST(KeySource, AFirstStartTakesTheKeysAndWritesTheirPublicPartsOnly) {
  FaultFiles files;
  hand_over(files);
  Result<Keystore> keys = start(files, sources("credential:a", "credential:log"));
  ASSERT_EQ(said(keys), "open");
  EXPECT_EQ(keys->instance_kid(), kid(p256(0)));
  EXPECT_EQ(kid(keys->log_key()), kid(ed25519(0)));
  EXPECT_TRUE(keys->instance_key().sign("x") && keys->log_key().sign("x"));
  EXPECT_FALSE(files.contents("keys/instance.pem") || files.contents("keys/log.pem"));
  EXPECT_EQ(files.contents("keys/instance.jwk"), p256(0).public_key().to_jwk() + "\n");
  EXPECT_EQ(files.contents("keys/log.jwk"), ed25519(0).public_key().to_jwk() + "\n");
  EXPECT_EQ(said(start(files, sources("credential:a", "credential:log"))), "open");
}

// No start makes a new key, or takes another one, in place of one that a source holds.
TEST(KeySource, WhatIsNotTheKeyOfTheKeystoreIsRefusedAndSaid) {
  struct Case {
    KeySources given;
    const char* expected;
  };
  const Case cases[] = {
      {sources("credential:b", "credential:log"),
       "conflict: keys.instance: credential:b holds key"},
      {sources("credential:a", "credential:other"),
       "conflict: keys.log: credential:other holds key"},
      {sources("credential:gone", "credential:log"), "not_found: keys.instance: credential:gone: "},
      {sources("credential:log", "credential:log"),
       "malformed: keys.instance: credential:log: expected a P-256 key, and it is an Ed25519 key"},
      {sources("credential:a", "credential:a"),
       "malformed: keys.log: credential:a: expected an Ed25519 key, and it is a P-256 key"},
      {sources("credential:a", "credential:log", "credential:log"),
       "malformed: keys.next: credential:log: expected a P-256 key"},
      {sources("", "credential:log"), "not_found: keys/instance.jwk: key "},
      {sources("credential:a", ""), "not_found: keys/log.jwk: key "},
      {{}, "not_found: keys/instance.jwk: key "},
  };
  FaultFiles files;
  hand_over(files);
  ASSERT_EQ(said(start(files, sources("credential:a", "credential:log"))), "open");
  const auto names = files.list("keys");
  for (const Case& c : cases) {
    const std::string answer = said(start(files, c.given));
    EXPECT_TRUE(answer.starts_with(c.expected)) << answer << "\nexpected " << c.expected;
    EXPECT_EQ(*files.list("keys"), *names) << c.expected;
  }
  KeySources none_handed = sources("credential:a", "credential:log");
  none_handed.credentials = "";
  const std::string answer = said(start(files, none_handed));
  EXPECT_NE(answer.find("$CREDENTIALS_DIRECTORY is not set"), std::string::npos) << answer;
  EXPECT_NE(answer.find("LoadCredential=a:FILE"), std::string::npos) << answer;
}

TEST(KeySource, AFailedFirstStartLeavesNothingToTakeForAKeystore) {
  FaultFiles files;
  hand_over(files);
  EXPECT_NE(said(start(files, sources("credential:a", "credential:gone"))), "open");
  EXPECT_FALSE(files.exists("keys"));
}

TEST(KeySource, WithoutSourcesTheKeysAreKnownAndSignNothing) {
  FaultFiles files;
  hand_over(files);
  ASSERT_EQ(said(start(files, sources("credential:a", "credential:log"))), "open");
  Result<Keystore> looked = Keystore::open(files, "keys");
  ASSERT_EQ(said(looked), "open");
  EXPECT_EQ(looked->instance_kid(), kid(p256(0)));
  EXPECT_EQ(kid(looked->log_key()), kid(ed25519(0)));
  const Result<std::string> token = looked->instance_key().sign("x");
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Code::kNotFound);
  EXPECT_NE(token.error().message.find("keys.instance"), std::string::npos);
  EXPECT_NE(looked->log_key().sign("x").error().message.find("keys.log"), std::string::npos);
  SeededRandom random;
  EXPECT_TRUE(looked->enrol_agent("agent", random));
  EXPECT_EQ(looked->prepare_next().error().code, Code::kConflict);
}

// The same key, moved from its file into a credential; and back.
TEST(KeySource, AKeyMovesIntoASourceWhenItsFileIsGone) {
  FaultFiles files;
  hand_over(files);
  ASSERT_EQ(said(start(files, {})), "open");
  const std::string instance = *files.contents("keys/instance.pem");
  const std::string log = *files.contents("keys/log.pem");
  ASSERT_TRUE(write_file(files, "cred/instance", instance) && write_file(files, "cred/l", log));

  // Another key is never taken in its place, whether or not the file is there.
  EXPECT_TRUE(said(start(files, sources("credential:a"))).starts_with("conflict: keys.instance"));
  EXPECT_TRUE(said(start(files, sources("", "credential:log"))).starts_with("conflict: keys.log"));
  EXPECT_FALSE(files.contents("keys/instance.jwk") || files.contents("keys/log.jwk"));

  const KeySources moved = sources("credential:instance", "credential:l");
  EXPECT_TRUE(
      said(start(files, moved)).starts_with("conflict: keys/instance.pem: the private key"));
  ASSERT_TRUE(files.remove("keys/instance.pem"));
  EXPECT_TRUE(said(start(files, moved)).starts_with("conflict: keys/log.pem: the private key"));
  ASSERT_TRUE(files.remove("keys/log.pem"));
  EXPECT_EQ(said(start(files, moved)), "open");

  EXPECT_TRUE(said(start(files, {})).starts_with("not_found: keys/instance.jwk"));
  ASSERT_TRUE(write_file(files, "keys/instance.pem", instance));
  ASSERT_TRUE(write_file(files, "keys/log.pem", log));
  EXPECT_EQ(said(start(files, {})), "open");
  EXPECT_FALSE(files.contents("keys/instance.jwk") || files.contents("keys/log.jwk"));
}

// A log key that is in no file and no source is a loss; a source does not paper over it.
TEST(KeySource, ASourceIsNoReplacementForALostKey) {
  FaultFiles files;
  hand_over(files);
  ASSERT_EQ(said(start(files, {})), "open");
  ASSERT_TRUE(files.remove("keys/log.pem"));
  EXPECT_TRUE(said(start(files, sources("", "credential:log")))
                  .starts_with("malformed: keys/log.pem: missing"));
}

Status rotate(Result<Keystore>& keys) {
  Status done = keys->prepare_next();
  return done ? keys->adopt_next() : done;
}

TEST(KeySource, ARotationGoesOverToTheNextSourceAndNoFurther) {
  FaultFiles files;
  hand_over(files);
  Result<Keystore> keys = start(files, sources("credential:a"));
  ASSERT_EQ(said(keys), "open");
  EXPECT_TRUE(said(rotate(keys)).starts_with("conflict: the key in use comes from credential:a"));
  EXPECT_FALSE(files.contents("keys/next.pem"));

  const KeySources next = sources("credential:a", "", "credential:b");
  keys = start(files, next);
  ASSERT_EQ(said(keys), "open");
  EXPECT_EQ(keys->instance_kid(), kid(p256(0)));
  EXPECT_EQ(keys->next_kid(), kid(p256(1)));
  ASSERT_EQ(said(rotate(keys)), "good");
  EXPECT_EQ(keys->instance_kid(), kid(p256(1)));
  EXPECT_EQ(keys->instance_source(), "credential:b");
  EXPECT_TRUE(keys->former_keys().contains(kid(p256(0))));
  EXPECT_TRUE(
      said(rotate(keys)).starts_with("conflict: keys.next: credential:b is the key in use"));

  // The configuration may stay as it is, be tidied up, and go on; and never back.
  for (const KeySources& after :
       {next, sources("credential:b"), sources("credential:b", "", "credential:c"),
        sources("credential:b", "", "credential:b")}) {
    const Result<Keystore> again = start(files, after);
    ASSERT_EQ(said(again), "open");
    EXPECT_EQ(again->instance_kid(), kid(p256(1)));
  }
  EXPECT_TRUE(said(start(files, sources("credential:a"))).starts_with("conflict: keys.instance"));
}

TEST(KeySource, ARotationGoesFromAFileIntoASourceAndBack) {
  FaultFiles files;
  hand_over(files);
  Result<Keystore> keys = start(files, sources("", "", "credential:b"));
  ASSERT_EQ(said(keys), "open");
  const std::string first = keys->instance_kid();
  ASSERT_EQ(said(rotate(keys)), "good");
  EXPECT_EQ(keys->instance_kid(), kid(p256(1)));
  EXPECT_FALSE(files.contents("keys/instance.pem"));
  EXPECT_EQ(said(start(files, sources("", "", "credential:b"))), "open");

  keys = start(files, sources("credential:b", "", "file"));
  ASSERT_EQ(said(keys), "open");
  EXPECT_EQ(keys->instance_kid(), kid(p256(1)));
  ASSERT_EQ(said(rotate(keys)), "good");
  const std::string third = keys->instance_kid();
  EXPECT_EQ(keys->instance_source(), "instance.pem");
  EXPECT_EQ(keys->former_keys().size(), 2u);
  for (const KeySources& after : {sources("credential:b", "", "file"), KeySources{}}) {
    const Result<Keystore> again = start(files, after);
    ASSERT_EQ(said(again), "open");
    EXPECT_EQ(again->instance_kid(), third);
    EXPECT_TRUE(again->former_keys().contains(first));
  }
  EXPECT_FALSE(files.contents("keys/instance.jwk"));
}

TEST(KeySource, ANextKeyThatIsOfNoUseIsNotReplacedByAFile) {
  FaultFiles files;
  hand_over(files);
  Result<Keystore> keys = start(files, sources("credential:a", "", "credential:b"));
  ASSERT_EQ(said(keys), "open");
  keys->forget_next();  // the ledger retired it
  EXPECT_TRUE(said(keys->prepare_next()).starts_with("conflict: keys.next: credential:b"));
}

// Whatever a rotation into a source, or out of one, got as far as: one key, and the next try ends
// it.
TEST(KeySource, ARotationThatIsCutOffLeavesOneKeyAndGoesOn) {
  const std::pair<KeySources, KeySources> ways[] = {
      {sources("", "", "credential:b"), sources("", "", "credential:b")},
      {sources("credential:a"), sources("credential:a", "", "credential:b")},
      {sources("credential:a"), sources("credential:a", "", "file")},
  };
  for (const auto& [before, with_next] : ways) {
    for (std::uint64_t call = 1;; ++call) {
      FaultFiles files;
      hand_over(files);
      ASSERT_EQ(said(start(files, before)), "open");
      Result<Keystore> keys = start(files, with_next);
      ASSERT_EQ(said(keys), "open");
      const std::string old_kid = keys->instance_kid();
      files.cut_power_at(files.calls() + call);
      const bool prepared = keys->prepare_next().has_value();
      const std::string new_kid = keys->next_kid();
      const bool adopted = prepared && keys->adopt_next().has_value();
      for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const std::unique_ptr<FaultFiles> later = files.power_cut(seed);
        Result<Keystore> after = start(*later, with_next);
        ASSERT_EQ(said(after), "open") << "call " << call;
        const std::string now = after->instance_kid();
        EXPECT_TRUE(now == old_kid || (prepared && now == new_kid)) << "call " << call;
        EXPECT_TRUE(!adopted || now == new_kid) << "call " << call;
        if (now == old_kid) {
          ASSERT_EQ(said(rotate(after)), "good") << "call " << call;
          EXPECT_TRUE(!prepared || after->instance_kid() == new_kid);
        }
        EXPECT_EQ(start(*later, with_next)->instance_kid(), after->instance_kid());
        EXPECT_TRUE(start(*later, with_next)->former_keys().contains(old_kid));
      }
      if (adopted) {
        EXPECT_GT(call, 6u);
        break;
      }
    }
  }
}

// As of a file: a failed rotation leaves the disk with the key in use, once it is settled.
TEST(KeySource, AFailedRotationLeavesTheDiskWithTheKeyInUse) {
  for (const KeySources& with_next :
       {sources("", "", "credential:b"), sources("credential:a", "", "credential:b"),
        sources("credential:a", "", "file")}) {
    for (std::uint64_t call = 1;; ++call) {
      FaultFiles files;
      hand_over(files);
      Result<Keystore> keys = start(files, with_next);
      ASSERT_EQ(said(keys), "open");
      ASSERT_TRUE(keys->prepare_next());
      files.fail_at(files.calls() + call, FaultFiles::Fault::kIo, true);
      const bool adopted = keys->adopt_next().has_value();
      files.fail_at(0, FaultFiles::Fault::kIo);
      ASSERT_TRUE(keys->settle_instance());
      for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const Result<Keystore> after = start(*files.power_cut(seed), with_next);
        ASSERT_EQ(said(after), "open") << "call " << call;
        EXPECT_EQ(after->instance_kid(), keys->instance_kid()) << "call " << call;
      }
      if (adopted) {
        EXPECT_GT(call, 6u);
        break;
      }
    }
  }
}

TEST(KeySource, ACredentialThatOthersMayReadIsForbidden) {
  namespace fs = std::filesystem;
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a";
  ASSERT_TRUE(write_file(system_files(), path, p256(0).to_pem()));
  struct Case {
    fs::perms mode;
    const char* expected;
  };
  // What systemd gives: the user's own file, or root's with a list of access, which shows as 0440.
  const bool is_root = ::geteuid() == 0 && ::getegid() == 0;
  const Case cases[] = {
      {fs::perms(0400), "good"},
      {fs::perms(0600), "good"},
      {fs::perms(0440), is_root ? "good" : "forbidden"},
      {fs::perms(0460), "forbidden"},
      {fs::perms(0404), "forbidden"},
      {fs::perms(0644), "forbidden"},
  };
  KeySources given = sources("credential:a");
  given.credentials = folder.path();
  for (const Case& c : cases) {
    fs::permissions(path, c.mode);
    const std::string answer = said(check_credentials(system_files(), given));
    EXPECT_TRUE(answer.starts_with(c.expected)) << answer;
  }
  fs::remove(path);
  EXPECT_TRUE(
      said(check_credentials(system_files(), given)).starts_with("not_found: keys.instance"));
}

}  // namespace
}  // namespace pawl
