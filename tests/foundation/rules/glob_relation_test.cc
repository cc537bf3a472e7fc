#include "foundation/rules/glob_relation.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "foundation/rules/glob.h"

namespace pawl::rules {
namespace {

struct Case {
  const char* one;
  const char* other;
  bool within;
  bool apart;
};

TEST(GlobRelation, SaysHowTwoGlobsStand) {
  for (const Case& c : std::vector<Case>{
           {"a", "a", true, false},
           {"a", "b", false, true},
           {"a", "*", true, false},
           {"*", "a", false, false},
           {"a/b", "*", false, true},
           {"a/b", "**", true, false},
           {"/srv/a/*", "/srv/**", true, false},
           {"/srv/**", "/srv/*", false, false},
           {"/srv/**", "/etc/**", false, true},
           {"*.md", "*.txt", false, true},
           {"read_*", "*_file", false, false},
           {"read_*_file", "*_file", true, false},
           {"read_*_file", "read_*", true, false},
           {"a*b*c", "a*c", true, false},
           {"a*c", "a*b*c", false, false},
           {"/a/**/b", "/a/**", true, false},
           {"/a/b", "/a/**/b", true, false},
           {"/a/x/b", "/a/**/b", true, false},
           {"/a/xb", "/a/**/b", false, true},
           {"**/b", "*b", false, false},
           {"**/b", "**b", true, false},
           {"***", "**", true, false},
           {"**", "***", true, false},
       }) {
    EXPECT_EQ(surely_within(c.one, c.other), c.within) << c.one << " in " << c.other;
    EXPECT_EQ(surely_apart(c.one, c.other), c.apart) << c.one << " and " << c.other;
    EXPECT_EQ(surely_apart(c.other, c.one), c.apart) << c.other << " and " << c.one;
  }
}

// All texts of up to five of "a", "b", "/": what is short enough decides for globs as short.
std::vector<std::string> all_texts() {
  std::vector<std::string> out{""};
  for (std::size_t i = 0; i < out.size() && out[i].size() < 5; ++i) {
    for (const char c : {'a', 'b', '/'}) {
      out.push_back(out[i] + c);
    }
  }
  return out;
}

TEST(GlobRelation, SaysWhatTryingAllTextsSays) {
  const std::vector<std::string> texts = all_texts();
  std::mt19937 random(17);
  const auto glob = [&] {
    std::string out;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) {
      out += std::vector<std::string>{"a", "b", "/", "*", "**"}[random() % 5];
    }
    return out;
  };
  int within = 0;
  int apart = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string one = glob();
    const std::string other = glob();
    const auto a = Glob::make(one);
    const auto b = Glob::make(other);
    ASSERT_TRUE(a && b);
    bool is_within = true;
    bool is_apart = true;
    for (const std::string& text : texts) {
      is_within = is_within && (!a->matches(text) || b->matches(text));
      is_apart = is_apart && !(a->matches(text) && b->matches(text));
    }
    // The texts tried are too short to show every difference; what is claimed must hold for all.
    const bool says_within = surely_within(one, other);
    const bool says_apart = surely_apart(one, other);
    ASSERT_TRUE(!says_within || is_within) << one << " in " << other;
    ASSERT_TRUE(!says_apart || is_apart) << one << " and " << other;
    ASSERT_TRUE(!is_apart || says_apart || one.size() + other.size() > 5) << one << " " << other;
    within += says_within ? 1 : 0;
    apart += says_apart ? 1 : 0;
  }
  EXPECT_GT(within, 200);
  EXPECT_GT(apart, 200);
}

TEST(GlobRelation, GivesUpWithinABound) {
  std::string many;
  for (int i = 0; i < 600; ++i) {
    many += "*a*b";
  }
  EXPECT_FALSE(surely_within(many, "x" + many));
  EXPECT_FALSE(surely_apart(many, "*" + many + "*c*"));
}

}  // namespace
}  // namespace pawl::rules
