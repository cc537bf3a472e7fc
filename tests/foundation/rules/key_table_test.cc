#include "foundation/rules/key_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace pawl::rules {
namespace {

using Side = KeyTable::Side;
using Found = std::vector<std::pair<RuleIndex, NameId>>;

bool has(std::string_view text, Side side, const std::string& key) {
  return side == Side::kWhole   ? text == key
         : side == Side::kStart ? text.starts_with(key)
                                : text.ends_with(key);
}

Found found(const KeyTable& table, Side side, std::string_view text) {
  std::vector<Postings> lists;
  if (side == Side::kWhole) {
    lists.push_back(table.at(text));
  } else {
    table.find(text, lists);
  }
  Found out;
  for (const Postings& list : lists) {
    for (std::uint32_t i = 0; i < list.count; ++i) {
      out.emplace_back(list.first[i].rule, list.first[i].other);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(KeyTable, FindsEveryKeyAndNothingElse) {
  const unsigned seed = 99;
  std::mt19937 random(seed);
  for (const Side side : {Side::kWhole, Side::kStart, Side::kEnd}) {
    for (int round = 0; round < 300; ++round) {
      KeyTable table(side);
      std::vector<std::string> keys;
      const std::size_t longest = 1 + random() % 9;
      for (RuleIndex i = 0; i < 30; ++i) {
        std::string key;
        for (std::size_t n = 1 + random() % longest; n > 0; --n) {
          key += "ab"[random() % 2];
        }
        table.add(key, {i, i + 100});
        keys.push_back(key);
      }
      table.build();
      for (int i = 0; i < 30; ++i) {
        std::string text;
        for (std::size_t n = random() % 12; n > 0; --n) {
          text += "abc"[random() % 3];
        }
        Found expected;
        for (RuleIndex rule = 0; rule < keys.size(); ++rule) {
          if (has(text, side, keys[rule])) {
            expected.emplace_back(rule, rule + 100);
          }
        }
        ASSERT_EQ(found(table, side, text), expected) << "seed " << seed << ", text " << text;
      }
    }
  }
}

TEST(KeyTable, ANameKeepsItsFirstNumberAndNeedsNoRule) {
  KeyTable table;
  EXPECT_EQ(table.name("a", 7), 7u);
  EXPECT_EQ(table.name("a", 8), 7u);
  EXPECT_EQ(table.name("b", 8), 8u);
  table.build();
  EXPECT_EQ(table.at("a").name, 7u);
  EXPECT_EQ(table.at("b").name, 8u);
  EXPECT_EQ(table.at("b").count, 0u);
  EXPECT_EQ(table.at("c").name, 0u);
}

TEST(KeyTable, AnEmptyTableFindsNothing) {
  KeyTable table(Side::kStart);
  table.build();
  std::vector<Postings> lists;
  table.find("abc", lists);
  EXPECT_TRUE(lists.empty());
  EXPECT_EQ(KeyTable().at("abc").count, 0u);
}

}  // namespace
}  // namespace pawl::rules
