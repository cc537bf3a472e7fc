#include "foundation/vault/vault.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/files.h"
#include "base/json.h"
#include "tests/foundation/vault/scripted_random.h"
#include "tests/support/seeded_random.h"
#include "tests/support/source_dir.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
const std::string kName = "secret/search-token";

std::string code_of(const Result<std::string>& opened) {
  return opened ? "opened" : std::string(code_name(opened.error().code));
}

TEST(Vault, TheVectorOfThePageIsSealedAndOpened) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/vault/object.json");
  ASSERT_TRUE(text) << text.error().message;
  const json::Value vector = json::parse(*text)->value;
  const auto at = [&](std::string_view name) {
    return std::string(*json::find_string(vector, {name}));
  };
  std::deque<std::string> draws;
  for (const json::Value& hex : json::find(vector, {"random"})->get_array()) {
    draws.push_back(*hex_decode(std::string_view(hex.get_string())));
  }
  ScriptedRandom random(std::move(draws));
  const WallTime made{json::find(vector, {"made"})->get_int64()};
  const KeyFile key = make_key(at("name"), made, random);
  EXPECT_EQ(print_key_file(key), at("key_file"));
  const std::string object = seal_object(key, at("name"), made, at("content"), random);
  EXPECT_EQ(hex_encode(object), at("object"));

  const Result<KeyFile> read = read_key_file(at("key_file"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(check_key(*read));
  EXPECT_EQ(open_object(*read, at("name"), *hex_decode(at("object"))), at("content"));
}

TEST(Vault, WhatIsSealedOpensAgainAndNeverLooksAlike) {
  SeededRandom random(7);
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string name = "secret/n" + std::to_string(random.below(50));
    const KeyFile key = make_key(random.coin() ? name : "body/2026-11", kNow, random);
    const std::string content = random.bytes(random.below(3) == 0 ? 0 : random.below(5'000));
    const std::string one = seal_object(key, name, kNow, content, random);
    EXPECT_NE(one, seal_object(key, name, kNow, content, random));
    EXPECT_EQ(open_object(key, name, one), content);
    const Result<ReadHead> head = read_head(one);
    ASSERT_TRUE(head);
    EXPECT_EQ(print_head(head->head), one.substr(0, head->size));
  }
}

TEST(Vault, EveryFlippedBitAndEveryCutIsRefused) {
  SeededRandom random;
  const KeyFile key = make_key(kName, kNow, random);
  const std::string object = seal_object(key, kName, kNow, "Bearer example-token", random);
  const std::string key_text = print_key_file(key);
  for (std::size_t bit = 0; bit < object.size() * 8; ++bit) {
    std::string altered = object;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(open_object(key, kName, altered)) << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < key_text.size() * 8; ++bit) {
    std::string altered = key_text;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    const Result<KeyFile> read = read_key_file(altered);
    EXPECT_FALSE(read && check_key(*read)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < object.size(); ++size) {
    EXPECT_FALSE(open_object(key, kName, object.substr(0, size))) << size;
  }
  for (std::size_t size = 0; size < key_text.size(); ++size) {
    EXPECT_FALSE(read_key_file(key_text.substr(0, size))) << size;
  }
  EXPECT_FALSE(open_object(key, kName, object + "x"));
  EXPECT_FALSE(read_key_file(key_text + "\n"));
}

TEST(Vault, AnObjectOpensUnderItsNameAndWithItsKeyOnly) {
  SeededRandom random;
  const KeyFile key = make_key(kName, kNow, random);
  const KeyFile other = make_key(kName, kNow, random);
  const std::string object = seal_object(key, kName, kNow, "x", random);
  const Result<std::string> moved = open_object(key, "secret/other", object);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().message, "is the object secret/search-token; expected secret/other");
  EXPECT_EQ(code_of(moved), "bad_signature");
  const Result<std::string> wrong = open_object(other, kName, object);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "was made with the vault key " + key.id +
                                       " of secret/search-token, not with " + other.id);

  // Also when the head was edited to say so, or the key says that it is the right one.
  Result<ReadHead> head = read_head(object);
  ASSERT_TRUE(head);
  ObjectHead edited = head->head;
  edited.name = "secret/other";
  EXPECT_EQ(
      code_of(open_object(key, "secret/other", print_head(edited) + object.substr(head->size))),
      "bad_signature");
  KeyFile lying = other;
  lying.id = key.id;
  EXPECT_EQ(code_of(open_object(lying, kName, object)), "bad_signature");
  const Status checked = check_key(lying);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "its check value is " + other.id + "; expected the vault key " + key.id);

  // The object key and content of another object under this head.
  const std::string second = seal_object(key, "secret/other", kNow, "y", random);
  const Result<ReadHead> second_head = read_head(second);
  EXPECT_FALSE(
      open_object(key, kName, object.substr(0, head->size) + second.substr(second_head->size)));
  edited = second_head->head;
  edited.name = kName;
  EXPECT_FALSE(open_object(key, kName, print_head(edited) + second.substr(second_head->size)));
}

TEST(VaultWire, NamesAreAreasAndPlainWords) {
  for (const char* good : {"secret/a", "secret/A.b_c-9", "body/-x", "abcdefghijklmnop/x"}) {
    EXPECT_TRUE(is_name(good)) << good;
  }
  for (const std::string bad :
       {"", "a", "/a", "secret/", "secret/.a", "secret/a/b", "secret/a b", "secret/a\n", "Secret/a",
        "secret/..", "abcdefghijklmnopq/x", "secret/\xc3\xa4"}) {
    EXPECT_FALSE(is_name(bad)) << bad;
  }
  EXPECT_TRUE(is_name("secret/" + std::string(128, 'x')));
  EXPECT_FALSE(is_name("secret/" + std::string(129, 'x')));
}

TEST(VaultWire, WhatDoesNotReadSaysWhatWasExpected) {
  SeededRandom random;
  const KeyFile key = make_key(kName, kNow, random);
  const std::string id = key.id;
  const std::string tail = "\nsecret/a\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
  struct Case {
    std::string text, code, says;
  };
  for (const Case& one : {
           Case{"", "malformed", "vault key: cut off before its first line"},
           {"pawl.vault-key/2\n", "unsupported",
            "is of another version; expected the first line "
            "pawl.vault-key/1"},
           {"pawl.vault/1\n", "malformed",
            "is no file of the vault; expected the first line "
            "pawl.vault-key/1"},
           {"pawl.vault-key/1\n" + id, "malformed", "vault key: cut off before its key id"},
           {"pawl.vault-key/1\nx" + tail, "malformed", "vault key: its key id does not read"},
           {"pawl.vault-key/1\n" + id + "\na\n1\nAA\n", "malformed",
            "vault key: its retention does not read"},
           {"pawl.vault-key/1\n" + id + "\nsecret/a\n01\nAA\n", "malformed",
            "vault key: its time in microseconds does not read"},
           {"pawl.vault-key/1\n" + id + "\nsecret/a\n1\nAA\n", "malformed",
            "vault key: its key does not read"},
           {"pawl.vault-key/1\n" + id + tail + "x", "malformed",
            "vault key: its end: there is more does not read"},
       }) {
    const Result<KeyFile> read = read_key_file(one.text);
    ASSERT_FALSE(read) << one.text;
    EXPECT_EQ(code_name(read.error().code), one.code) << one.text;
    EXPECT_EQ(read.error().message, one.says);
  }
  const Erasure erasure{id, kName, kNow, "0195a000-0000-7000-8000-000000000001"};
  const Result<Erasure> read = read_erasure(print_erasure(erasure));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(print_erasure(*read), print_erasure(erasure));
  EXPECT_TRUE(read_erasure(print_erasure({id, kName, kNow, ""}))->record.empty());
  EXPECT_FALSE(read_erasure("pawl.vault-erased/1\n" + id + "\nsecret/a\n1\nnever\n"));
  EXPECT_FALSE(read_erasure(print_key_file(key)));
}

}  // namespace
}  // namespace pawl::vault
