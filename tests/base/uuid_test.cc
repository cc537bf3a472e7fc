#include "base/uuid.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

TEST(Uuid, Version7StartsWithTheMillisecondsOfRfc9562) {
  SeededRandom random;
  // RFC 9562, A.6: 2022-02-22T19:22:22.000Z is 017F22E279B0 in milliseconds.
  const Uuid id = Uuid::v7({1'645'557'742'000'000}, random);
  EXPECT_EQ(id.text().substr(0, 15), "017f22e2-79b0-7");
  EXPECT_NE(std::string("89ab").find(id.text()[19]), std::string::npos) << id.text();
}

TEST(Uuid, Version7IsOrderedByMicrosecond) {
  SeededRandom random;
  Uuid before = Uuid::v7({1'772'874'000'000'000}, random);
  for (std::int64_t us = 1; us < 3000; ++us) {
    const Uuid id = Uuid::v7({1'772'874'000'000'000 + us}, random);
    ASSERT_LT(before, id) << us;
    ASSERT_LT(before.text(), id.text()) << us;
    before = id;
  }
}

TEST(Uuid, Version8IsTheDigestWithVersionAndVariant) {
  const std::string digest(32, '\xff');
  EXPECT_EQ(Uuid::v8(digest).text(), "ffffffff-ffff-8fff-bfff-ffffffffffff");
  EXPECT_EQ(Uuid::v8(digest), Uuid::v8(digest.substr(0, 16)));
}

TEST(Uuid, ReadsItsTextInEitherCase) {
  const std::string text = "01890a5d-ac96-774b-bcce-b302099a8057";
  EXPECT_EQ(Uuid::parse(text).value().text(), text);
  EXPECT_EQ(Uuid::parse("01890A5D-AC96-774B-BCCE-B302099A8057").value().text(), text);
  EXPECT_TRUE(Uuid::parse("00000000-0000-0000-0000-000000000000").value().is_nil());
}

TEST(Uuid, RefusesOtherText) {
  const char* cases[] = {
      "",
      "01890a5dac96774bbcceb302099a8057",
      "01890a5d-ac96-774b-bcce-b302099a805",
      "01890a5d-ac96-774b-bcce-b302099a80577",
      "01890a5d-ac96-774b-bcce_b302099a8057",
      "01890a5g-ac96-774b-bcce-b302099a8057",
      "{1890a5d-ac96-774b-bcce-b302099a8057",
      "01890a5dac-96-774b-bcce-b302099a8057",
  };
  for (const char* text : cases) {
    const Result<Uuid> id = Uuid::parse(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, Code::kMalformed) << text;
  }
}

TEST(Random, GivesExactlyTheBytesAskedFor) {
  for (const std::size_t count : {0u, 1u, 16u, 1000u}) {
    EXPECT_EQ(system_random().bytes(count).size(), count);
  }
  EXPECT_NE(system_random().bytes(16), system_random().bytes(16));
}

}  // namespace
}  // namespace pawl
