#include "operators/sign_in/provider_people.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "base/json.h"

namespace pawl::sign_in {
namespace {

const ProviderIdentity kAda{"https://idp.example.org", "8f14e45f"};

Passkey passkey() {
  static int next = 0;
  return {base64url_encode("credential " + std::to_string(next++)), "localhost",
          SigningKey::generate(KeyKind::kP256)->public_key(), 0};
}

ProviderPeople with_ada() {
  ProviderPeople out;
  EXPECT_TRUE(out.add(kAda, "ada", passkey()));
  return out;
}

Code code_of(const Status& status) {
  return status ? Code::kInternal : status.error().code;
}

TEST(ProviderPeople, ReadWhatTheyPrint) {
  EXPECT_TRUE(ProviderPeople::parse(ProviderPeople{}.print())->people.empty());
  ProviderPeople list = with_ada();
  ASSERT_TRUE(list.add(kAda, "ada", passkey()));
  ASSERT_TRUE(list.add({kAda.issuer, "a \"quoted\" one"}, "bob", passkey()));
  const Result<ProviderPeople> read = ProviderPeople::parse(list.print());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->print(), list.print());
  EXPECT_EQ(read->find(kAda)->passkeys.size(), 2u);
}

TEST(ProviderPeople, ReadTheExampleOfThePage) {
  const auto read = ProviderPeople::parse(R"({
  "format": 1,
  "people": [
    {"issuer":"https://idp.example.org","subject":"8f14e45f","name":"ada","passkeys":[{"credential":"Y3JlZGVudGlhbA","rp":"pawl.example.org","key":{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},"counter":0}]}
  ]
})");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_NE(read->find(kAda), nullptr);
  EXPECT_EQ(read->find(kAda)->passkeys[0].key.thumbprint(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

// A name, a mail address or what looks alike is not the person.
TEST(ProviderPeople, ArePeopleByIssuerAndSubjectByteForByte) {
  ProviderPeople list = with_ada();
  const ProviderIdentity others[] = {{kAda.issuer, "8f14e45g"},
                                     {kAda.issuer, "8F14E45F"},
                                     {kAda.issuer, "8f14e45f "},
                                     {kAda.issuer + "/", kAda.subject},
                                     {"https://IDP.example.org", kAda.subject}};
  for (const ProviderIdentity& other : others) {
    EXPECT_EQ(list.find(other), nullptr) << other.issuer << " " << other.subject;
    EXPECT_EQ(code_of(list.remove(other, list.people[0].passkeys[0].key.thumbprint())),
              Code::kNotFound);
    EXPECT_FALSE(list.rename(other, "eve"));
    EXPECT_TRUE(list.add(other, "ada", passkey()));
  }
  EXPECT_EQ(list.people.size(), 6u);
  EXPECT_EQ(list.find(kAda)->passkeys.size(), 1u);
}

TEST(ProviderPeople, APasskeyHasOnePerson) {
  ProviderPeople list = with_ada();
  const Passkey known = list.people[0].passkeys[0];
  Passkey same_key = passkey();
  same_key.key = known.key;
  Passkey same_credential = passkey();
  same_credential.credential = known.credential;
  for (const Passkey& one : {known, same_key, same_credential}) {
    EXPECT_EQ(code_of(list.add({kAda.issuer, "other"}, "ada", one)), Code::kConflict);
    EXPECT_EQ(code_of(list.add(kAda, "ada", one)), Code::kConflict);
  }
}

TEST(ProviderPeople, AreBounded) {
  ProviderPeople list = with_ada();
  for (std::size_t i = 1; i < ProviderPerson::kMostPasskeys; ++i) {
    EXPECT_TRUE(list.add(kAda, "ada", passkey()));
  }
  EXPECT_EQ(code_of(list.add(kAda, "ada", passkey())), Code::kOverloaded);
  EXPECT_TRUE(ProviderPeople::parse(list.print()));
  list.people.resize(ProviderPeople::kMost, list.people[0]);
  EXPECT_EQ(code_of(list.add({kAda.issuer, "one more"}, "eve", passkey())), Code::kOverloaded);
}

TEST(ProviderPeople, WithTheLastPasskeyThePersonGoes) {
  ProviderPeople list = with_ada();
  ASSERT_TRUE(list.add(kAda, "ada l", passkey()).error().code == Code::kInvalidParams);
  ASSERT_TRUE(list.add(kAda, "countess", passkey()));
  EXPECT_EQ(list.find(kAda)->name, "countess");
  EXPECT_TRUE(list.rename(kAda, "ada"));
  EXPECT_FALSE(list.rename(kAda, "ada"));
  for (int left = 2; left > 0; --left) {
    const std::string kid = list.people[0].passkeys[0].key.thumbprint();
    EXPECT_TRUE(list.remove(kAda, kid));
    EXPECT_EQ(code_of(list.remove(kAda, kid)), Code::kNotFound);
  }
  EXPECT_EQ(list.find(kAda), nullptr);
}

TEST(ProviderPeople, AreReadStrictly) {
  const struct {
    const char* name;
    std::function<void(json::Object&)> change;  // of the one person
  } cases[] = {
      {"a member that is not known", [](json::Object& p) { p["grants"] = json::Array{"admin"}; }},
      {"no issuer", [](json::Object& p) { p.erase("issuer"); }},
      {"an empty issuer", [](json::Object& p) { p["issuer"] = ""; }},
      {"an empty subject", [](json::Object& p) { p["subject"] = ""; }},
      {"a long subject", [](json::Object& p) { p["subject"] = std::string(256, 'x'); }},
      {"a subject with a line's end", [](json::Object& p) { p["subject"] = "a\nb"; }},
      {"a name with a space", [](json::Object& p) { p["name"] = "a b"; }},
      {"no passkeys", [](json::Object& p) { p["passkeys"] = json::Array{}; }},
      {"a passkey twice",
       [](json::Object& p) {
         json::Array& list = p["passkeys"].as_array();
         list.push_back(json::Value(list[0]));
       }},
  };
  const ProviderPeople one = with_ada();
  for (const auto& wrong : cases) {
    json::Value whole = json::parse(one.print())->value;
    wrong.change(whole.as_object()["people"].as_array()[0].as_object());
    const Result<ProviderPeople> read = ProviderPeople::parse(json::print(whole));
    ASSERT_FALSE(read) << wrong.name;
    EXPECT_EQ(read.error().code, Code::kMalformed) << wrong.name;
  }
  json::Value twice = json::parse(one.print())->value;
  json::Array& people = twice.as_object()["people"].as_array();
  people.push_back(json::Value(people[0]));
  EXPECT_FALSE(ProviderPeople::parse(json::print(twice)));
  for (const char* text : {"", "{}", R"({"format":2,"people":[]})",
                           R"({"format":1,"people":[],"x":1})", R"({"format":1,"people":{}})"}) {
    EXPECT_FALSE(ProviderPeople::parse(text)) << text;
  }
}

}  // namespace
}  // namespace pawl::sign_in
