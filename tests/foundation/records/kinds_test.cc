#include "foundation/records/kinds.h"
#include "tests/support/source_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace pawl::kinds {
namespace {

std::string source(const char* path) {
  std::ifstream file(source_dir() + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A part: a lower-case letter, then lower-case letters, digits or '_'.
bool is_part(std::string_view part) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return !part.empty() && small(part.front()) && std::all_of(part.begin(), part.end(), [&](char c) {
    return small(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

TEST(Kinds, EveryNameHasTwoPartsInAtMost64Bytes) {
  for (const std::string_view kind : kAll) {
    const std::size_t dot = kind.find('.');
    ASSERT_NE(dot, std::string_view::npos) << kind;
    EXPECT_TRUE(is_part(kind.substr(0, dot))) << kind;
    EXPECT_TRUE(is_part(kind.substr(dot + 1))) << kind;
    EXPECT_LE(kind.size(), 64U) << kind;
    EXPECT_EQ(area(kind), kind.substr(0, dot));
  }
}

TEST(Kinds, TheTableHoldsEachConstantOnce) {
  const std::string header = source("/src/foundation/records/kinds.h");
  const std::regex constant(R"re(std::string_view k\w+ = "([^"]+)")re");
  std::set<std::string> declared;
  for (std::sregex_iterator at(header.begin(), header.end(), constant), end; at != end; ++at) {
    EXPECT_TRUE(declared.insert((*at)[1]).second) << (*at)[1];
  }
  const std::set<std::string> listed(kAll.begin(), kAll.end());
  EXPECT_FALSE(declared.empty());
  EXPECT_EQ(listed.size(), kAll.size());
  EXPECT_EQ(listed, declared);
}

TEST(Kinds, ThePageDescribesEveryKind) {
  const std::string page = source("/docs/formats/records.md");
  for (const std::string_view kind : kAll) {
    EXPECT_NE(page.find("`" + std::string(kind) + "`"), std::string::npos) << kind;
  }
}

// Whoever reads a pruned log has to know whose signatures count.
TEST(Kinds, WhatSaysWhoMaySignOutlivesPruning) {
  for (const char* kind : {"operator.enrolled", "operator.removed", "identity.enrolled"}) {
    EXPECT_TRUE(outlives_pruning(kind)) << kind;
  }
  for (const char* kind : {"operator.signed_in", "operator.acted", "approval.requested"}) {
    EXPECT_FALSE(outlives_pruning(kind)) << kind;
  }
}

TEST(Kinds, OnlyNamesOfTheTableAreKnown) {
  EXPECT_TRUE(is_known("tool.call"));
  for (const char* other :
       {"", "tool", "tool.", ".call", "tool.call ", "Tool.call", "tool.call.now", "review_spec"}) {
    EXPECT_FALSE(is_known(other)) << other;
  }
}

}  // namespace
}  // namespace pawl::kinds
