#include "foundation/vault/vault_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "foundation/vault/vault.h"
#include "tests/foundation/keys/temporary_folder.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
const std::string kRecord = "0195a000-0000-7000-8000-000000000001";
const std::string kA = "data/vault/secret/a.obj", kB = "data/vault/secret/b.obj";

std::string key_path(const std::string& id) {
  return "data/vault-keys/" + id + ".key";
}

// What `get` says: the content, or the code and the message.
std::string said(const Result<std::string>& got) {
  return got ? *got : std::string(code_name(got.error().code)) + ": " + got.error().message;
}

class VaultStore : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) {
    const Status stored = vault_.put("secret/" + name, content, kNow, random_);
    ASSERT_TRUE(stored) << stored.error().message;
  }
  std::string get(const std::string& name) { return said(vault_.get("secret/" + name)); }
  std::string key_of(const std::string& path) {
    return read_head(files_.contents(path).value_or(""))->head.key_id;
  }
  std::vector<std::string> keys() {
    const Result<std::vector<std::string>> names = files_.list("data/vault-keys");
    return names ? *names : std::vector<std::string>();
  }
  // "a good, b erased"
  std::string look() {
    constexpr const char* kStates[] = {"good", "erased", "erasing", "bad"};
    const Result<std::vector<Vault::Item>> items = vault_.look();
    if (!items) {
      return items.error().message;
    }
    std::string out;
    for (const Vault::Item& item : *items) {
      out += (out.empty() ? "" : ", ") + item.name + " " + kStates[static_cast<int>(item.state)];
    }
    return out;
  }
  void erase(const std::string& name) {
    const Result<std::vector<Erasure>> ordered = vault_.order_erasure("secret/" + name, kNow);
    ASSERT_TRUE(ordered) << ordered.error().message;
    const Status destroyed = vault_.destroy(*ordered, kRecord);
    ASSERT_TRUE(destroyed) << destroyed.error().message;
  }

  FaultFiles files_;
  SeededRandom random_;
  Vault vault_{files_, "data"};
};

TEST_F(VaultStore, WhatWasPutIsThereAndNothingElse) {
  EXPECT_EQ(get("a"), "not_found: vault: there is no secret/a in data/vault");
  EXPECT_EQ(look(), "") << "no vault is no error";
  put("a", "first");
  put("b", "");
  EXPECT_EQ(get("a"), "first");
  EXPECT_EQ(get("b"), "");
  EXPECT_EQ(get("c"), "not_found: vault: there is no secret/c in data/vault");
  EXPECT_EQ(look(), "secret/a good, secret/b good");
  EXPECT_EQ(files_.contents(kA)->find("first"), std::string::npos);
  for (const char* bad : {"", "a/b", "../x", ".a", "a b"}) {
    EXPECT_EQ(vault_.put("secret/" + std::string(bad), "x", kNow, random_).error().code,
              Code::kInvalidParams)
        << bad;
    EXPECT_EQ(vault_.get("secret/" + std::string(bad)).error().code, Code::kInvalidParams) << bad;
  }
  EXPECT_EQ(vault_.put("body/x", "x", kNow, random_).error().code, Code::kInvalidParams);
  EXPECT_EQ(vault_.put("secret/x", std::string(kMaxContent + 1, 'x'), kNow, random_).error().code,
            Code::kTooLarge);
}

TEST_F(VaultStore, ANewValueTakesTheKeyOfTheOneBeforeAlong) {
  put("a", "first");
  const std::string before = *files_.contents(kA);
  const std::string key = key_of(kA);
  put("a", "second");
  EXPECT_EQ(get("a"), "second");
  EXPECT_EQ(keys().size(), 1u);
  EXPECT_FALSE(files_.contents(key_path(key)));
  files_.put(kA, before);  // an older object is of no use
  EXPECT_EQ(get("a"), "undecidable: vault: secret/a: the vault key " + key +
                          " is lost: expected it in " + key_path(key) +
                          "; restore that file, or put the content again");
}

TEST_F(VaultStore, ALostOrWrongKeyIsNamedWithWhatWasExpected) {
  put("a", "one");
  put("b", "two");
  const std::string key_a = key_of(kA), key_b = key_of(kB);
  const std::string a = *files_.contents(key_path(key_a)), b = *files_.contents(key_path(key_b));
  struct Case {
    const char* what;
    std::string contents, says;
  };
  const std::string where = "vault: secret/a: " + key_path(key_a) + ": ";
  for (const Case& one : {
           Case{"swapped", b,
                "bad_signature: " + where + "is the vault key " + key_b +
                    "; expected the vault key " + key_a},
           {"cut off", a.substr(0, 50),
            "bad_signature: " + where +
                "vault key: cut off before its time; expected the vault key " + key_a},
           {"empty", "",
            "bad_signature: " + where +
                "vault key: cut off before its first line; expected the vault key " + key_a},
       }) {
    files_.put(key_path(key_a), one.contents);
    EXPECT_EQ(get("a"), one.says) << one.what;
    EXPECT_EQ(get("b"), "two") << one.what;
  }
  std::string other = a;
  other[other.size() - 3] = other[other.size() - 3] == 'A' ? 'B' : 'A';  // of the key itself
  files_.put(key_path(key_a), other);
  EXPECT_NE(get("a").find("its check value is "), std::string::npos) << get("a");
  EXPECT_NE(get("a").find("; expected the vault key " + key_a), std::string::npos) << get("a");
  EXPECT_EQ(look(), "secret/a bad, secret/b good");
  files_.put(key_path(key_a), a);
  EXPECT_EQ(get("a"), "one");
  ASSERT_TRUE(files_.remove(key_path(key_a)));
  EXPECT_EQ(vault_.get("secret/a").error().code, Code::kUndecidable);
  EXPECT_EQ(look(), "secret/a bad, secret/b good");
  put("a", "again");
  EXPECT_EQ(get("a"), "again");
  EXPECT_EQ(look(), "secret/a good, secret/b good");
}

TEST_F(VaultStore, AMovedLostOrAlteredObjectIsToldAsThat) {
  put("a", "one");
  put("b", "two");
  const std::string a = *files_.contents(kA), b = *files_.contents(kB);
  files_.put(kA, b);
  EXPECT_EQ(get("a"),
            "bad_signature: data/vault/secret/a.obj: is the object secret/b; expected secret/a");
  EXPECT_EQ(get("b"), "two");
  for (const std::string& altered : {a.substr(0, a.size() - 1), a.substr(0, 40), std::string(),
                                     a + "x", std::string(a.size(), '\0')}) {
    files_.put(kA, altered);
    EXPECT_TRUE(get("a").starts_with("bad_signature: data/vault/secret/a.obj: ")) << get("a");
  }
  files_.put(kA, "pawl.vault/2\n");
  EXPECT_TRUE(get("a").starts_with("unsupported: ")) << get("a");
  const std::string key = read_head(a)->head.key_id;
  ASSERT_TRUE(files_.remove(kA));
  EXPECT_EQ(get("a"), "undecidable: vault: secret/a is lost: expected it in " + kA +
                          ", made with the vault key " + key +
                          "; restore that file, or put the content again");
  EXPECT_EQ(look(), "secret/a bad, secret/b good");
  files_.put(kA, a);
  EXPECT_EQ(get("a"), "one");
}

TEST_F(VaultStore, AnErasureEndsTheKeyAndSaysWhatWasErased) {
  put("a", "one");
  put("b", "two");
  const std::string object = *files_.contents(kA);
  const std::string key = *files_.contents(key_path(key_of(kA)));
  const Result<std::vector<Erasure>> ordered = vault_.order_erasure("secret/a", kNow);
  ASSERT_TRUE(ordered && ordered->size() == 1);
  EXPECT_EQ(get("a"),
            "not_found: vault: secret/a is being erased, ordered 2026-03-07T09:00:00.000Z; the "
            "running daemon, or the next start, ends it");
  EXPECT_EQ(look(), "secret/a erasing, secret/b good");
  EXPECT_EQ(vault_.pending()->size(), 1u);
  EXPECT_EQ(vault_.order_erasure("secret/a", kNow)->size(), 1u) << "the same order again";

  ASSERT_TRUE(vault_.destroy(*ordered, kRecord));
  EXPECT_EQ(get("a"),
            "not_found: vault: secret/a was erased, ordered 2026-03-07T09:00:00.000Z, "
            "record " +
                kRecord);
  EXPECT_EQ(look(), "secret/a erased, secret/b good");
  EXPECT_TRUE(vault_.pending()->empty());
  EXPECT_EQ(keys().size(), 1u);
  EXPECT_FALSE(files_.contents(kA));
  EXPECT_EQ(get("b"), "two");
  EXPECT_NE(vault_.order_erasure("secret/a", kNow).error().message.find("was erased"),
            std::string::npos);
  EXPECT_EQ(vault_.order_erasure("secret/c", kNow).error().code, Code::kNotFound);

  files_.put(kA, object);  // a copy of the object, and then one of the key
  EXPECT_NE(get("a").find("was erased"), std::string::npos) << get("a");
  EXPECT_EQ(look(), "secret/a erased, secret/b good");
  files_.put(key_path(ordered->front().key_id), key);
  EXPECT_NE(get("a").find("was erased"), std::string::npos) << get("a");
  EXPECT_EQ(look(), "secret/a erasing, secret/b good") << "it is destroyed again";
  ASSERT_TRUE(vault_.destroy(*vault_.pending(), kRecord));
  put("a", "anew");
  EXPECT_EQ(get("a"), "anew");
  EXPECT_EQ(look(), "secret/a good, secret/b good");
}

// An older copy of both folders was put back under a ledger that says what was erased.
TEST_F(VaultStore, WhatCameBackAfterItsErasureIsOrderedAgain) {
  put("a", "first");
  put("b", "stays");
  const std::string id = key_of(kA), path = key_path(id);
  const std::string object = *files_.contents(kA), key = *files_.contents(path);
  erase("a");
  EXPECT_EQ(*vault_.keys_in_use(), std::vector<std::string>{key_of(kB)});
  files_.put(kA, object);
  files_.put(path, key);
  EXPECT_EQ(vault_.keys_in_use()->size(), 1U) << "the erasure is still known";
  ASSERT_TRUE(files_.remove("data/vault/erased/" + id));
  EXPECT_EQ(get("a"), "first");
  EXPECT_EQ(vault_.keys_in_use()->size(), 2U);

  ASSERT_TRUE(vault_.order_again({{id, "secret/a", kNow, kRecord}}));
  EXPECT_TRUE(get("a").starts_with("not_found: vault: secret/a is being erased")) << get("a");
  const Result<std::vector<Erasure>> pending = vault_.pending();
  ASSERT_TRUE(pending && pending->size() == 1) << "it is not over";
  EXPECT_EQ(pending->front().record, "");
  ASSERT_TRUE(vault_.destroy(*pending, kRecord));
  EXPECT_FALSE(files_.contents(path));
  EXPECT_FALSE(files_.contents(kA));
  EXPECT_EQ(get("b"), "stays");
}

TEST_F(VaultStore, WhatKilledChangesLeftHalfWrittenGoesAtTheStart) {
  ASSERT_TRUE(vault_.tidy());
  EXPECT_FALSE(files_.exists("data/vault")) << "no vault is made of it";
  put("a", "first");
  for (const char* left : {"vault/erased/x.tmp", "vault/made/x.tmp", "vault/secret/a.obj.tmp",
                           "vault/person/x.obj.tmp", "vault-keys/x.key.tmp", "vault-keys/x.gone"}) {
    files_.put(std::string("data/") + left, "half");
  }
  ASSERT_TRUE(vault_.tidy());
  for (const char* left : {"vault/erased/x.tmp", "vault/made/x.tmp", "vault/secret/a.obj.tmp",
                           "vault/person/x.obj.tmp", "vault-keys/x.key.tmp", "vault-keys/x.gone"}) {
    EXPECT_FALSE(files_.contents(std::string("data/") + left)) << left;
  }
  EXPECT_EQ(get("a"), "first");
}

TEST_F(VaultStore, WhatIsLostCanBeErased) {
  put("a", "one");
  ASSERT_TRUE(files_.remove(key_path(key_of(kA))));
  erase("a");
  EXPECT_EQ(look(), "secret/a erased");
  put("b", "two");
  ASSERT_TRUE(files_.remove(kB));
  erase("b");
  EXPECT_EQ(look(), "secret/a erased, secret/b erased");
  EXPECT_TRUE(keys().empty());
}

TEST_F(VaultStore, TheKeyOfSomethingElseIsNeverDestroyed) {
  put("a", "one");
  put("b", "two");
  const std::string key_a = key_path(key_of(kA)), key_b = key_path(key_of(kB));
  const std::string a = *files_.contents(key_a), b = *files_.contents(key_b);
  const Result<std::vector<Erasure>> ordered = vault_.order_erasure("secret/a", kNow);
  ASSERT_TRUE(ordered);
  files_.put(key_a, b);
  files_.put(key_b, a);
  const Status destroyed = vault_.destroy(*ordered, kRecord);
  ASSERT_FALSE(destroyed);
  EXPECT_NE(destroyed.error().message.find("put the files of keys in their places"),
            std::string::npos);
  EXPECT_FALSE(vault_.order_erasure("secret/b", kNow));
  EXPECT_EQ(files_.contents(key_a), b);
  EXPECT_EQ(files_.contents(key_b), a);
  files_.put(key_a, a);
  files_.put(key_b, b);
  EXPECT_TRUE(vault_.destroy(*ordered, kRecord));
  EXPECT_EQ(get("b"), "two");
}

TEST_F(VaultStore, BodiesOfAMonthShareAKeyAndGoTogether) {
  const auto keep = [&](const std::string& name, const std::string& month,
                        const std::string& content) {
    const Result<KeyFile> key = vault_.shared_key("body/" + month, kNow, random_);
    const Status kept =
        key ? vault_.keep(*key, "body/" + name, content, kNow, random_) : Status(fail(key.error()));
    return kept ? key->id : kept.error().message;
  };
  const std::string october = keep("x", "2026-10", "one");
  EXPECT_EQ(keep("y", "2026-10", "two"), october);
  EXPECT_NE(keep("z", "2026-11", "three"), october);
  put("a", "secret");
  EXPECT_EQ(keys().size(), 3u);
  EXPECT_EQ(look(), "body/x good, body/y good, body/z good, secret/a good");
  EXPECT_EQ(vault_.look({kSecretArea})->size(), 1u);
  EXPECT_EQ(files_.contents("data/vault/body/x.obj")->find("one"), std::string::npos);

  files_.put("data/vault/body/w.obj.tmp", "half");
  const Result<Vault::Kept> there = vault_.kept();
  ASSERT_TRUE(there);
  EXPECT_EQ(there->objects, 3u);
  EXPECT_EQ(there->bytes, files_.contents("data/vault/body/x.obj")->size() +
                              files_.contents("data/vault/body/y.obj")->size() +
                              files_.contents("data/vault/body/z.obj")->size());
  EXPECT_FALSE(files_.contents("data/vault/body/w.obj.tmp")) << "nobody speaks of it";

  const WallTime later{kNow.us + 1};
  const Result<std::vector<Erasure>> ordered = vault_.order_erasure("body/2026-10", later);
  ASSERT_TRUE(ordered && ordered->size() == 1);
  EXPECT_NE(keep("w", "2026-10", "four"), october) << "with a new key";
  ASSERT_TRUE(vault_.destroy(*ordered, kRecord));
  const auto told = [&](const std::string& name, WallTime at) {
    return said(vault_.get_kept("body/" + name, "body/2026-10", at)).substr(0, 11);
  };
  EXPECT_EQ(told("x", kNow), "not_found: ");
  EXPECT_EQ(told("y", later), "not_found: ");
  EXPECT_EQ(told("w", {kNow.us + 2}), "four");
  EXPECT_EQ(told("never", {kNow.us + 2}), "undecidable") << "no erasure took what came after it";
  EXPECT_EQ(said(vault_.get("body/z")), "three");
  EXPECT_EQ(get("a"), "secret");

  for (const char* bad : {"", "../x"}) {
    EXPECT_FALSE(vault_.shared_key("body/" + std::string(bad), kNow, random_)) << bad;
    const Result<KeyFile> key = vault_.shared_key("body/2026-11", kNow, random_);
    EXPECT_FALSE(vault_.keep(*key, "body/" + std::string(bad), "x", kNow, random_)) << bad;
    EXPECT_FALSE(vault_.keep(*key, "secret/x", "x", kNow, random_));
  }
  EXPECT_FALSE(vault_.shared_key("secret/a", kNow, random_));
}

TEST_F(VaultStore, ALostKeyOfAMonthIsNoticedAlsoWhereNothingWasKeptWithIt) {
  const std::string month = "body/2026-11";
  const KeyFile key = *vault_.shared_key(month, kNow, random_);
  EXPECT_EQ(look(), "body/2026-11 good");
  EXPECT_EQ(vault_.look({kSecretArea})->size(), 0u);
  ASSERT_TRUE(files_.rename(key_path(key.id), "data/aside"));
  const auto problem = [&] { return vault_.shared_keys()->at(0).problem; };
  EXPECT_NE(problem().find("the vault key " + key.id + " is lost: expected it in"),
            std::string::npos)
      << problem();
  EXPECT_EQ(look(), "body/2026-11 bad");

  const KeyFile next = *vault_.shared_key(month, kNow, random_);
  EXPECT_NE(next.id, key.id);
  EXPECT_EQ(vault_.shared_keys()->size(), 2u) << "the lost one is not forgotten for it";
  ASSERT_TRUE(files_.rename("data/aside", key_path(key.id)));
  EXPECT_EQ(look(), "body/2026-11 good, body/2026-11 good");

  ASSERT_TRUE(files_.remove(key_path(key.id)));
  const Result<std::vector<Erasure>> ordered = vault_.order_erasure(month, kNow);
  ASSERT_TRUE(ordered && ordered->size() == 2) << "what is lost can be given up";
  ASSERT_TRUE(vault_.destroy(*ordered, kRecord));
  EXPECT_TRUE(vault_.shared_keys()->empty());
  EXPECT_EQ(look(), "body/2026-11 erased");
}

TEST_F(VaultStore, AKeyOfBeforeTheNotesGetsOneAndAnAlteredNoteIsTold) {
  const KeyFile key = *vault_.shared_key("body/2026-11", kNow, random_);
  const std::string note = "data/vault/made/" + key.id;
  EXPECT_EQ(files_.contents(note), "pawl.vault-made/1\n" + key.id + "\nbody/2026-11\n");
  ASSERT_TRUE(files_.remove(note));
  EXPECT_EQ(vault_.shared_key("body/2026-11", kNow, random_)->id, key.id);
  EXPECT_EQ(vault_.shared_keys()->size(), 1u);
  for (const std::string text : {"", "pawl.vault-made/1\n", "x"}) {
    files_.put(note, text);
    EXPECT_EQ(vault_.shared_keys()->at(0).name, "key/" + key.id) << text;
    EXPECT_EQ(vault_.shared_keys()->at(0).state, Vault::Item::State::kBad) << text;
  }
}

TEST_F(VaultStore, OneChangesAtATimeAndNobodyHearsOfALossMeanwhile) {
  put("a", "one");
  {
    const auto lock = files_.lock("data/vault/lock", "somebody");
    ASSERT_TRUE(lock);
    EXPECT_EQ(vault_.put("secret/a", "x", kNow, random_).error().code, Code::kConflict);
    EXPECT_EQ(vault_.order_erasure("secret/a", kNow).error().code, Code::kConflict);
    EXPECT_EQ(vault_.destroy({}, kRecord).error().code, Code::kConflict);
    EXPECT_EQ(get("a"), "one") << "reading needs no lock";
    EXPECT_EQ(look(), "secret/a good");
    ASSERT_TRUE(files_.remove(kA));
    EXPECT_TRUE(get("a").starts_with("conflict: vault: secret/a cannot be read now")) << get("a");
    EXPECT_NE(look().find("locked by"), std::string::npos) << look();
  }
  EXPECT_TRUE(get("a").starts_with("undecidable: vault: secret/a is lost")) << get("a");
}

TEST_F(VaultStore, AKeyThatOthersMayReadIsRefused) {
  const testing::TemporaryFolder folder;
  Vault vault(system_files(), folder.path());
  ASSERT_TRUE(vault.put("secret/a", "one", kNow, random_));
  EXPECT_EQ(said(vault.get("secret/a")), "one");
  const std::string keys = folder.path() + "/vault-keys";
  const std::string path = keys + "/" + (*system_files().list(keys))[0];
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  for (const std::string& opened : {path, keys}) {
    ASSERT_EQ(::chmod(opened.c_str(), 0755), 0);
    EXPECT_TRUE(said(vault.get("secret/a")).starts_with("forbidden: ")) << opened;
    EXPECT_EQ(vault.put("secret/a", "x", kNow, random_).error().code, Code::kForbidden);
    ASSERT_EQ(::chmod(opened.c_str(), opened == path ? 0600 : 0700), 0);
  }
}

// A service that is started as root reads its configuration before it becomes its user.
TEST_F(VaultStore, RootReadsTheVaultOfTheFoldersOwnerAndOfNobodyElse) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  constexpr uid_t kService = 65'533, kOther = 65'534;
  const testing::TemporaryFolder folder;
  Vault vault(system_files(), folder.path());
  ASSERT_TRUE(vault.put("secret/a", "one", kNow, random_));
  const auto give = [&](uid_t owner) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      ASSERT_EQ(::chown(entry.path().c_str(), owner, owner), 0);
    }
  };
  ASSERT_EQ(::chown(folder.path().c_str(), kService, kService), 0);
  give(kService);
  EXPECT_EQ(said(vault.get("secret/a")), "one");
  give(kOther);
  EXPECT_TRUE(said(vault.get("secret/a")).starts_with("forbidden: "))
      << said(vault.get("secret/a"));
}

// Each sees one of the values, and never an older one after a newer.
TEST_F(VaultStore, ReadersBesideAWriterSeeValuesInTheirOrder) {
  constexpr int kPuts = 40;
  const testing::TemporaryFolder folder;
  std::atomic<int> put{0};
  ASSERT_TRUE(Vault(system_files(), folder.path()).put("secret/a", "0", kNow, random_));
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      Vault vault(system_files(), folder.path());
      int last = 0;
      while (last < kPuts) {
        const int before = put.load();
        const Result<std::string> got = vault.get("secret/a");
        if (!got && got.error().code == Code::kConflict) {
          continue;  // the writer was faster three times
        }
        ASSERT_TRUE(got) << got.error().message;
        ASSERT_GE(std::stoi(*got), std::max(last, before));
        last = std::stoi(*got);
      }
    });
  }
  Vault writer(system_files(), folder.path());
  for (int i = 1; i <= kPuts;) {
    const Status stored = writer.put("secret/a", std::to_string(i), kNow, random_);
    if (!stored) {
      ASSERT_EQ(stored.error().code, Code::kConflict) << stored.error().message;
      continue;  // a reader looked under the lock
    }
    put.store(i++);
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
}

}  // namespace
}  // namespace pawl::vault
