// Whose a pseudonym is, as long as the key is there, and nobody's afterwards.
#include "foundation/vault/people.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/source_dir.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
const std::string kRecord = "0195a000-0000-7000-8000-000000000001";

TEST(Person, HasThePseudonymOfTheVector) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/vault/person.json");
  ASSERT_TRUE(text);
  const Result<json::Parsed> vector = json::parse(*text);
  ASSERT_TRUE(vector);
  const auto member = [&](std::string_view name) {
    return std::string(json::find_string(vector->value, {name}).value_or(""));
  };
  const Result<Person> person = read_person(member("content"));
  ASSERT_TRUE(person);
  EXPECT_EQ(person->name, member("name"));
  EXPECT_EQ(base64url_encode(person->key), member("key"));
  EXPECT_EQ(pseudonym_of(*person), member("pseudonym"));
  EXPECT_EQ(person_object(member("pseudonym")), member("object"));
  EXPECT_EQ(print_person(*person), member("content"));
}

TEST(Person, WhatIsNoneIsRefused) {
  for (const char* bad : {"", "{}", "[1]", R"({"format":"pawl.person/2","name":"a","key":""})",
                          R"({"format":"pawl.person/1","name":"a","key":"AAAA"})"}) {
    EXPECT_FALSE(read_person(bad)) << bad;
  }
  for (const char* bad : {"", "alice", "person:", "person:../x", "person:.x"}) {
    EXPECT_EQ(person_object(bad), "") << bad;
  }
}

class PeopleTest : public ::testing::Test {
 protected:
  std::string pseudonym(People& people, const std::string& name) {
    const Result<std::string> made = people.pseudonym(name, kNow, random_);
    return made ? *made : made.error().message;
  }
  People loaded(FaultFiles& files) {
    People people(files, "data");
    EXPECT_TRUE(people.load());
    return people;
  }
  void erase(FaultFiles& files, const std::string& pseudonym) {
    Vault vault(files, "data");
    const Result<std::vector<Erasure>> ordered =
        vault.order_erasure(person_object(pseudonym), kNow);
    ASSERT_TRUE(ordered) << ordered.error().message;
    ASSERT_TRUE(vault.destroy(*ordered, kRecord));
  }

  FaultFiles files_;
  SeededRandom random_;
};

TEST_F(PeopleTest, OneNameHasOnePseudonymAlsoAfterARestart) {
  People people = loaded(files_);
  const std::string alice = pseudonym(people, "alice"), bob = pseudonym(people, "bob");
  EXPECT_NE(alice, bob);
  EXPECT_EQ(alice.find("alice"), std::string::npos);
  EXPECT_EQ(pseudonym(people, "alice"), alice);
  const std::unique_ptr<FaultFiles> after = files_.power_cut(3);
  People again = loaded(*after);
  EXPECT_EQ(again.size(), 2u);
  EXPECT_EQ(pseudonym(again, "alice"), alice) << "it was durable before anybody used it";
  EXPECT_EQ(again.name_of(bob), "bob");
  EXPECT_EQ(again.name_of("person:x"), "");
  FaultFiles other;
  People elsewhere = loaded(other);
  EXPECT_NE(pseudonym(elsewhere, "alice"), alice) << "nothing of it can be computed from the name";
}

TEST_F(PeopleTest, AfterAnErasureNobodyKnowsAndTheSameNameIsSomebodyNew) {
  People people = loaded(files_);
  const std::string alice = pseudonym(people, "alice"), bob = pseudonym(people, "bob");
  erase(files_, alice);
  people.forget("alice");
  EXPECT_EQ(people.known_pseudonym("alice"), "");
  EXPECT_EQ(loaded(files_).name_of(alice), "");
  EXPECT_EQ(loaded(files_).name_of(bob), "bob");
  const std::string anew = pseudonym(people, "alice");
  EXPECT_NE(anew, alice);
  EXPECT_EQ(loaded(files_).known_pseudonym("alice"), anew);
  EXPECT_EQ(Vault(files_, "data").get(person_object(alice)).error().code, Code::kNotFound);
}

TEST_F(PeopleTest, WhoDoesNotOpenIsToldAndComesAgainAsSomebodyNew) {
  People people = loaded(files_);
  const std::string alice = pseudonym(people, "alice");
  const std::string path = "data/vault/" + person_object(alice) + ".obj";
  files_.put(path, *files_.contents(path) + "x");
  People again = loaded(files_);
  ASSERT_EQ(again.unusable().size(), 1u);
  EXPECT_NE(again.unusable()[0].message.find("altered"), std::string::npos);
  EXPECT_NE(pseudonym(again, "alice"), alice);
}

TEST_F(PeopleTest, WithoutADurableKeyThereIsNoPseudonym) {
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles files;
    People people(files, "data");
    files.fail_at(call, FaultFiles::Fault::kIo);
    const Result<std::string> made = people.pseudonym("alice", kNow, random_);
    const bool is_over = files.calls() < call;
    for (std::uint64_t seed = 0; made && seed < 8; ++seed) {
      const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
      EXPECT_EQ(loaded(*after).known_pseudonym("alice"), *made) << "call " << call;
      break;  // a cut file system is off
    }
    if (is_over) {
      EXPECT_GT(call, 10u);
      break;
    }
  }
}

}  // namespace
}  // namespace pawl::vault
