#include "foundation/witness/add_checkpoint.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace pawl::witness {
namespace {

const std::string kHash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";

std::string times(const std::string& text, int count) {
  std::string out;
  for (; count > 0; --count) {
    out += text;
  }
  return out;
}

TEST(AddCheckpoint, TheExampleOfTheSpecificationReadsAndPrints) {
  const std::string body =
      "old 20852014\n" + kHash +
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n"
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "\xE2\x80\x94 example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
      "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  const Result<AddCheckpoint> asked = parse_add_checkpoint(body);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->old_size, 20852014u);
  ASSERT_EQ(asked->proof.size(), 4u);
  EXPECT_EQ(base64_encode(view(asked->proof[0])) + "\n", kHash);
  EXPECT_TRUE(asked->note.starts_with("example.com/behind-the-sofa\n20852163\n"));
  EXPECT_EQ(print_add_checkpoint(*asked), body);
}

TEST(AddCheckpoint, WhatIsNoBodyIsRefusedWithItsLine) {
  const struct {
    const char* name;
    std::string body, expect;
  } cases[] = {
      {"nothing", "", "line 1"},
      {"no old size", kHash + "\nnote\n", "line 1"},
      {"another word", "new 5\n\nnote\n", "line 1"},
      {"two spaces", "old  5\n\nnote\n", "line 1"},
      {"no number", "old \n\nnote\n", "line 1"},
      {"a leading zero", "old 05\n\nnote\n", "line 1"},
      {"a sign", "old +5\n\nnote\n", "line 1"},
      {"over 2^63 - 1", "old 9223372036854775808\n\nnote\n", "line 1"},
      {"a carriage return", "old 5\r\n\nnote\n", "line 1"},
      {"only the first line", "old 5", "line 1"},
      {"no empty line", "old 5\n" + kHash, "empty line"},
      {"no proof and no empty line", "old 5\n", "empty line"},
      {"a hash that is none", "old 5\nnote\n\n", "line 2"},
      {"a second hash that is none", "old 5\n" + kHash + "AAAA\n\nnote\n", "line 3"},
      {"64 hashes", "old 5\n" + times(kHash, 64) + "\nnote\n", "63"},
  };
  for (const auto& one : cases) {
    const Result<AddCheckpoint> asked = parse_add_checkpoint(one.body);
    ASSERT_FALSE(asked) << one.name;
    EXPECT_EQ(asked.error().code, Code::kMalformed) << one.name;
    EXPECT_NE(asked.error().message.find(one.expect), std::string::npos)
        << one.name << ": " << asked.error().message;
  }
}

TEST(AddCheckpoint, TheLargestProofAndAnOldSizeOfZeroAreTaken) {
  const Result<AddCheckpoint> most = parse_add_checkpoint("old 5\n" + times(kHash, 63) + "\nx\n\n");
  ASSERT_TRUE(most);
  EXPECT_EQ(most->proof.size(), 63u);
  EXPECT_EQ(most->note, "x\n\n");
  const Result<AddCheckpoint> first = parse_add_checkpoint("old 0\n\nnote\n");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->old_size, 0u);
  EXPECT_TRUE(first->proof.empty());
}

}  // namespace
}  // namespace pawl::witness
