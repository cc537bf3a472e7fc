#include "foundation/rules/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace pawl::rules {
namespace {

// Few and many different lengths take different ways to the same answer.
TEST(PrefixTable, FindsEveryPrefixAndNothingElse) {
  const unsigned seed = 99;
  std::mt19937 random(seed);
  for (const std::size_t longest : {2u, 4u, 9u}) {
    for (int round = 0; round < 100; ++round) {
      PrefixTable table;
      std::vector<std::string> prefixes;
      for (RuleIndex i = 0; i < 30; ++i) {
        std::string prefix;
        for (std::size_t n = 1 + random() % longest; n > 0; --n) {
          prefix += "ab"[random() % 2];
        }
        table.add(prefix, i);
        prefixes.push_back(prefix);
      }
      table.build();
      for (int i = 0; i < 30; ++i) {
        std::string text;
        for (std::size_t n = random() % 12; n > 0; --n) {
          text += "abc"[random() % 3];
        }
        std::vector<RuleIndex> expected;
        for (RuleIndex rule = 0; rule < prefixes.size(); ++rule) {
          if (text.starts_with(prefixes[rule])) {
            expected.push_back(rule);
          }
        }
        std::vector<RuleIndex> found;
        table.find(text, found);
        std::sort(found.begin(), found.end());
        ASSERT_EQ(found, expected) << "seed " << seed << ", text " << text;
      }
    }
  }
}

}  // namespace
}  // namespace pawl::rules
