// Where tokens may be fetched from; the fetching itself is tested over HTTP
// (tests/e2e/fetched_parents.test.mjs).
#include "app/daemon/token_fetcher.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(TokenFetcherTest, TokensComeFromHttpsOrThisMachineByTheirId) {
  const std::pair<const char*, bool> urls[] = {
      {"https://planner.example/ect/{jti}", true},
      {"https://planner.example/ect?id={jti}", true},
      {"http://127.0.0.1:7000/{jti}", true},
      {"http://planner.example/ect/{jti}", false},
      {"https://planner.example/ect", false},
      {"https://planner.example/{jti}/{jti}", false},
      {"https://user@planner.example/{jti}", false},
      {"ftp://planner.example/{jti}", false},
      {"{jti}", false},
      {"", false},
  };
  for (const auto& [url, good] : urls) {
    EXPECT_EQ(check_tokens_url(url).has_value(), good) << url;
  }
}

}  // namespace
}  // namespace pawl
