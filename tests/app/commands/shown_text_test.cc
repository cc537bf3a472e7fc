#include "app/commands/shown_text.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(ShownText, ShowsWhatWouldHide) {
  struct Case {
    const char* name;
    std::string text, shown;
  };
  const Case cases[] = {
      {"plain", "read_file /tmp/a b", "read_file /tmp/a b"},
      {"other scripts", "\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xbe",
       "\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xbe"},
      {"terminal escape", "a\x1b[2Jb", "a\\x1b[2Jb"},
      {"C1 control",
       "a\xc2\x9b"
       "2J",
       "a\\u{009b}2J"},
      {"line end and carriage return", "a\r\nb\t", "a\\x0d\\x0ab\\x09"},
      {"NUL", std::string("a\0b", 3), "a\\x00b"},
      {"direction override", "a\xe2\x80\xaeko\xe2\x81\xa6", "a\\u{202e}ko\\u{2066}"},
      {"zero width", "pa\xe2\x80\x8bwl\xef\xbb\xbf", "pa\\u{200b}wl\\u{feff}"},
      {"tag characters", "a\xf3\xa0\x81\x81", "a\\u{e0041}"},
      {"variation selector", "a\xef\xb8\x8f", "a\\u{fe0f}"},
      {"backslash", "a\\x1b", "a\\\\x1b"},
      {"not UTF-8", "a\xff\xc0\xaf", "a\\xff\\xc0\\xaf"},
      {"cut sequence", "a\xe2\x80", "a\\xe2\\x80"},
      {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"other blanks", "a\xc2\xa0 \xe2\x80\x83\xe3\x80\x80", "a\\u{00a0} \\u{2003}\\u{3000}"},
      {"noncharacters", "\xef\xb7\x90\xf0\x9f\xbf\xbe", "\\u{fdd0}\\u{1fffe}"},
      {"a heap of marks", "a\xcc\x81\xcc\x82\xcc\x83\xcc\x84z\xcc\x81",
       "a\xcc\x81\xcc\x82\\u{0303}\\u{0304}z\xcc\x81"},
      {"too long a form", "\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"empty", "", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(shown_text(c.text), c.shown) << c.name;
  }
}

TEST(ShownText, IsBounded) {
  EXPECT_EQ(shown_text(std::string(100, 'a'), 8), std::string(9, 'a') + "...");
}

}  // namespace
}  // namespace pawl
