#include "foundation/ect/verified_cache.h"

#include <gtest/gtest.h>

#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

Token token_of(std::string compact) {
  return {.claims = sample_claims(), .kid = "gw1", .compact = std::move(compact)};
}

void keep(VerifiedCache& cache, const std::string& text) {
  cache.keep(cache.generation(), sha256(text), token_of(text));
}

TEST(VerifiedCache, FindsTheExactBytesOnly) {
  VerifiedCache cache(4);
  keep(cache, "a.b.c");
  const auto found = cache.find(sha256("a.b.c"));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->compact, "a.b.c");
  EXPECT_EQ(cache.find(sha256("a.b.d")), nullptr);
}

TEST(VerifiedCache, AKeyChangeDropsEverything) {
  VerifiedCache cache(4);
  keep(cache, "old");
  const std::uint64_t begun = cache.generation();
  cache.clear();
  EXPECT_EQ(cache.find(sha256("old")), nullptr);
  cache.keep(begun, sha256("under way"), token_of("under way"));  // verified with the old keys
  EXPECT_EQ(cache.find(sha256("under way")), nullptr);
  keep(cache, "new");
  EXPECT_NE(cache.find(sha256("new")), nullptr);
}

TEST(VerifiedCache, StaysBoundedAndKeepsWhatIsUsed) {
  VerifiedCache cache(8);
  keep(cache, "used");
  for (int i = 0; i < 1000; ++i) {
    keep(cache, std::to_string(i));
    EXPECT_NE(cache.find(sha256("used")), nullptr) << i;
    EXPECT_LE(cache.size(), 16U);
  }
  EXPECT_EQ(cache.find(sha256("0")), nullptr);
}

TEST(VerifiedCache, LargeTokensAndNoCapacityAreNotKept) {
  VerifiedCache cache(4);
  const std::string large(kMaxCachedBytes + 1, 'x');
  keep(cache, large);
  EXPECT_EQ(cache.find(sha256(large)), nullptr);
  VerifiedCache none(0);
  keep(none, "a");
  EXPECT_EQ(none.find(sha256("a")), nullptr);
}

}  // namespace
}  // namespace pawl::ect
