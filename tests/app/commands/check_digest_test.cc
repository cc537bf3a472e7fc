// `pawl ledger check-digest`: the same bytes, others, or a word why it cannot be told.
#include "app/commands/check_digest.h"

#include "foundation/crypto/salted_digest.h"
#include "foundation/vault/salt.h"
#include "foundation/vault/vault_store.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

constexpr const char* kInput = R"({"name":"deploy","arguments":{"env":"production"}})";
constexpr const char* kOther = R"({"name":"deploy","arguments":{"env":"test"}})";
constexpr WallTime kNow{1'772'874'000'000'000};

class CheckDigest : public CommandRig {
 protected:
  void SetUp() override {
    CommandRig::SetUp();
    write("input", kInput);
    write("other", kOther);
    keys();
    key_ = *vault().shared_key("body/2026-03", kNow, system_random());
    const std::string salt = vault::salt_of(key_, record_id(0), "inp");
    salt_ = base64url_encode(salt);
    const json::Object body{{"agent", "triage"}, {"outcome", "confirmed"}};
    append({token(0, "tool.call", body,
                  {{"pawl.salted",
                    json::Object{{"key", key_.id},
                                 {"inp", digest_text(salted_digest(salt, sha256(kInput)))}}}}),
            call(1, "confirmed")});
  }
  vault::Vault vault() { return {system_files(), "pawl-data"}; }
  Ran check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ledger", "check-digest"});
    return run(std::move(arguments));
  }

  vault::KeyFile key_;
  std::string salt_;
};

TEST_F(CheckDigest, TellsTheSameFromOthersAndGivesTheSaltWithTheSameOnly) {
  const Ran same = check({"0", "--input", "input"});
  EXPECT_EQ(same.exit, kExitGood) << same.err;
  EXPECT_NE(same.out.find("is what the record has the digest of"), std::string::npos) << same.out;
  EXPECT_NE(same.out.find(salt_), std::string::npos) << same.out;
  const Ran other = check({"0", "--input", "other"});
  EXPECT_EQ(other.exit, kExitBad);
  EXPECT_EQ(other.out.find(salt_), std::string::npos) << other.out;
  EXPECT_EQ(run({"ledger", "check-digest", "0", "--input", "-"}, kInput).exit, kExitGood);
  EXPECT_EQ(run({"ledger", "check-digest", "0", "--input", "-"}, kOther).exit, kExitBad);

  const auto parsed = json::parse(check({"0", "--input", "input", "--json"}).out);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(json::find_string(parsed->value, {"input", "salt"}), salt_);
}

TEST_F(CheckDigest, NeedsNothingButTheTokenAndTheSaltElsewhere) {
  ASSERT_EQ(run({"ledger", "prove", "0", "-o", "r"}).exit, kExitGood);
  std::filesystem::rename("pawl-data", "elsewhere");
  EXPECT_EQ(check({"--token", "r.token", "--salt", salt_, "--input", "input"}).exit, kExitGood);
  EXPECT_EQ(check({"--token", "r.token", "--salt", salt_, "--input", "other"}).exit, kExitBad);
  EXPECT_EQ(check({"--token", "r.token", "--salt", std::string(43, 'A'), "--input", "input"}).exit,
            kExitBad);
  const Ran without = check({"--token", "r.token", "--input", "input"});
  EXPECT_EQ(without.exit, kExitUnclear);
  EXPECT_NE(without.out.find("expected its salt (--salt)"), std::string::npos) << without.out;
}

TEST_F(CheckDigest, SaysThatNobodyAskedWhoSignedTheToken) {
  ASSERT_EQ(run({"ledger", "prove", "0", "-o", "r"}).exit, kExitGood);
  const std::string words = "the token's signature was not checked: pawl verify";
  const std::vector<std::string> asked = {"--token", "r.token", "--salt",
                                          salt_,     "--input", "input"};
  const Ran text = check(asked);
  EXPECT_NE(text.out.find(words), std::string::npos) << text.out;
  std::vector<std::string> in_json = asked;
  in_json.emplace_back("--json");
  const auto parsed = json::parse(check(in_json).out);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(json::find_string(parsed->value, {"token_signature"}), words);
  const Ran own = check({"0", "--input", "input"});
  EXPECT_EQ(own.out.find(words), std::string::npos) << own.out;
}

TEST_F(CheckDigest, AnErasedSaltAndALostKeyAreTwoAnswers) {
  const std::string path = "pawl-data/vault-keys/" + key_.id + ".key";
  std::filesystem::rename(path, "aside");
  const Ran lost = check({"0", "--input", "input"});
  EXPECT_EQ(lost.exit, kExitUnclear);
  EXPECT_NE(lost.out.find("is lost: expected it in"), std::string::npos) << lost.out;
  std::filesystem::rename("aside", path);
  ASSERT_TRUE(vault().destroy(*vault().order_erasure("body/2026-03", kNow), record_id(9).text()));
  const Ran erased = check({"0", "--input", "input"});
  EXPECT_EQ(erased.exit, kExitUnclear);
  EXPECT_NE(erased.out.find("was erased, ordered"), std::string::npos) << erased.out;
  EXPECT_NE(erased.out.find(record_id(9).text()), std::string::npos) << erased.out;
}

TEST_F(CheckDigest, WhatCannotBeAskedIsSaid) {
  for (const auto& [arguments, told] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"0"}, "expected a record or --token"},
           {{"--input", "input"}, "expected a record or --token"},
           {{"0", "--token", "t", "--input", "input"}, "expected a record or --token"},
           {{"0", "--salt", salt_, "--input", "input", "--output", "other"}, "one of both"},
           {{"0", "--input", "nothing"}, "nothing"},
           {{"0", "--salt", "short", "--input", "input"}, "expected 43 characters"},
           {{"0", "--output", "input"}, "no such digest"},
           {{"1", "--input", "input"}, "no such digest"},
           {{"7", "--input", "input"}, "no record with index 7"},
           {{"--token", "input", "--input", "input"}, "input"}}) {
    const Ran ran = check(arguments);
    EXPECT_EQ(ran.exit, kExitUnclear) << testing::PrintToString(arguments);
    EXPECT_NE((ran.out + ran.err).find(told), std::string::npos)
        << testing::PrintToString(arguments) << ran.out << ran.err;
  }
}

}  // namespace
}  // namespace pawl
