#include "foundation/rules/set_header.h"

#include <gtest/gtest.h>

namespace pawl::rules {
namespace {

TEST(SetHeader, IsReadFromTheFileThatHasIt) {
  const auto set = RuleSet::load({{"a", "rules: []\n"},
                                  {"b",
                                   "set: {name: support, owner: ops@example.org, version: "
                                   "7}\nrules: []\n"}});
  ASSERT_TRUE(set) << set.error().message;
  const SetHeader* header = (*set)->header();
  ASSERT_NE(header, nullptr);
  EXPECT_EQ(header->name, "support");
  EXPECT_EQ(header->owner, "ops@example.org");
  EXPECT_EQ(header->version, 7);
  EXPECT_EQ(header->text(), "support/7");
  EXPECT_EQ(header->at.file, "b");
  EXPECT_EQ((*set)->digest(), RuleSet::empty()->digest()) << "the digest is of the rules";
  EXPECT_EQ(RuleSet::empty()->header(), nullptr);
}

TEST(SetHeader, WhatIsWrongIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "f:1:6: expected a map with name, owner and version"},
      {"{name: a, owner: o}", "f:1:6: set without \"version\""},
      {"{name: A b, owner: o, version: 1}", "f:1:13: expected a name"},
      {"{name: a, owner: \"\", version: 1}", "f:1:23: expected a text"},
      {"{name: a, owner: o, version: 0}", "f:1:35: expected a version"},
      {"{name: a, owner: o, version: 1.5}", "f:1:35: expected a version"},
      {"{name: a, owner: o, version: \"1\"}", "f:1:35: expected a version"},
      {"{name: a, owner: o, version: 1, digest: x}", "unknown key \"digest\""},
  };
  for (const auto& [set, why] : cases) {
    const auto loaded = RuleSet::load({{"f", "set: " + set + "\nrules: []\n"}});
    ASSERT_FALSE(loaded) << set;
    EXPECT_NE(loaded.error().message.find(why), std::string::npos) << loaded.error().message;
  }
  const std::string one = "set: {name: a, owner: o, version: 1}\nrules: []\n";
  const auto twice = RuleSet::load({{"f", one}, {"g", one}});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("already, at f:1"), std::string::npos);
}

}  // namespace
}  // namespace pawl::rules
