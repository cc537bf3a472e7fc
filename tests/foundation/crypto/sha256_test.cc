#include "foundation/crypto/sha256.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/foundation/crypto/vectors.h"

namespace pawl {
namespace {

using testing::hex_of;
using testing::text_of;

TEST(Sha256Test, PublishedValues) {
  for (const json::Value& row : testing::vectors("primitives.json", "sha256")) {
    SCOPED_TRACE(text_of(row, "name"));
    std::string text;
    for (std::int64_t i = 0; i < json::find(row, {"repeat"})->to_number<std::int64_t>(); ++i) {
      text += text_of(row, "text");
    }
    EXPECT_EQ(hex_encode(view(sha256(text))), text_of(row, "digest"));
  }
}

TEST(Sha256Test, PartsAndStreamsAreTheWholeText) {
  const Digest whole = sha256("leaf and node");
  EXPECT_EQ(sha256({"leaf", "", " and ", "node"}), whole);
  EXPECT_EQ(sha256({}), sha256(""));

  Sha256 stream;
  stream.update("leaf and");
  Sha256 other;  // two streams and the one-shot form do not disturb each other
  other.update("something else");
  EXPECT_EQ(sha256(std::string_view()), sha256(""));
  Sha256 moved = std::move(stream);
  moved.update(" node");
  EXPECT_EQ(moved.finish(), whole);
  EXPECT_EQ(other.finish(), sha256("something else"));
}

TEST(Sha256Test, DigestTextIs43CharactersOfBase64url) {
  EXPECT_EQ(digest_text(sha256("")), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

TEST(Sha256Test, ThreadsDoNotShareAContext) {
  const Digest expected = sha256("shared");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&count, expected] {
      for (int i = 0; i < 500; ++i) {
        count += sha256("shared") == expected ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(HmacTest, PublishedValues) {
  for (const json::Value& row : testing::vectors("primitives.json", "hmac_sha256")) {
    EXPECT_EQ(hex_encode(view(hmac_sha256(hex_of(row, "key"), hex_of(row, "message")))),
              text_of(row, "mac"))
        << text_of(row, "name");
  }
}

TEST(HmacTest, AnEmptyKeyIsAKeyOfItsOwn) {
  const Digest keyed = hmac_sha256("key", "text");
  const Digest empty = hmac_sha256("", "text");
  EXPECT_NE(empty, keyed);
  EXPECT_EQ(empty, hmac_sha256(std::string_view(), "text"));
}

TEST(EqualConstantTimeTest, Cases) {
  struct Case {
    const char* name;
    std::string_view a, b;
    bool equal;
  };
  const Case cases[] = {
      {"equal", "abc", "abc", true},
      {"last differs", "abc", "abd", false},
      {"prefix", "abc", "ab", false},
      {"both empty", "", std::string_view(), true},
      {"embedded zero", std::string_view("a\0b", 3), std::string_view("a\0c", 3), false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(equal_constant_time(c.a, c.b), c.equal) << c.name;
  }
}

}  // namespace
}  // namespace pawl
