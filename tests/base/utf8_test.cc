#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace pawl {
namespace {

TEST(Utf8, TakesEveryCodePointAndNothingElse) {
  const std::string_view good[] = {"",
                                   std::string_view("\0", 1),
                                   "\x7f",
                                   "\xc2\x80",
                                   "\xdf\xbf",
                                   "\xe0\xa0\x80",
                                   "\xed\x9f\xbf",
                                   "\xee\x80\x80",
                                   "\xef\xbf\xbf",
                                   "\xf0\x90\x80\x80",
                                   "\xf4\x8f\xbf\xbf",
                                   "a\xc3\xbc\xe6\xb0\xb4z"};
  for (const std::string_view text : good) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  const std::string_view bad[] = {"\x80",
                                  "\xc0\x80",          // overlong
                                  "\xc1\xbf",          // overlong
                                  "\xe0\x9f\xbf",      // overlong
                                  "\xf0\x8f\xbf\xbf",  // overlong
                                  "\xed\xa0\x80",      // a surrogate
                                  "\xf4\x90\x80\x80",  // above U+10FFFF
                                  "\xf5\x80\x80\x80",
                                  "\xff",
                                  "\xc3",
                                  "\xe6\xb0",
                                  "\xf0\x90\x80",
                                  "\xc3"
                                  "a",
                                  "a\xc3\xbc\x80"};
  for (const std::string_view text : bad) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace pawl
