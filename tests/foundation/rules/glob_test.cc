#include "foundation/rules/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pawl::rules {
namespace {

TEST(Glob, MatchesTheWholeText) {
  struct {
    const char* glob;
    const char* text;
    bool matches;
  } const cases[] = {
      {"read", "read", true},        {"read", "read_file", false},
      {"read*", "read_file", true},  {"read*", "read", true},
      {"read*", "read/file", false}, {"*", "", true},
      {"*", "a/b", false},           {"**", "a/b", true},
      {"/srv/**", "/srv/a/b", true}, {"/srv/**", "/srv/", true},
      {"/srv/**", "/srv", false},    {"/srv/**", "/srvx/a", false},
      {"/srv/*", "/srv/a/b", false}, {"*_delete", "user_delete", true},
      {"a*a", "a", false},           {"a*a", "aa", true},
      {"a/**/b", "a/b", true},       {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},     {"**/b", "b", true},
      {"**/b", "x/b", true},         {"**/b", "xb", false},
      {"**/*.md", "a/b/c.md", true}, {"a*b*c", "a1b2c", true},
      {"a*b*c", "a1b/c", false},     {"a**b*c", "a/1b2c", true},
      {"a.b", "axb", false},         {"x?z", "xyz", false},
      {"x?z", "x?z", true},          {"[a]*", "[a]b", true},
      {"tool.*", "tool.call", true}, {"*\n*", "a\nb", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Glob::make(c.glob)->matches(c.text), c.matches) << c.glob << " over " << c.text;
  }
}

// The definition, by trying everything.
bool by_definition(std::string_view glob, std::string_view text, bool at_start = true) {
  if (glob.empty()) {
    return text.empty();
  }
  const bool deep = glob.starts_with("**");
  if (deep && glob.substr(2).starts_with('/') && at_start) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if ((i == 0 || text[i - 1] == '/') && by_definition(glob.substr(3), text.substr(i), true)) {
        return true;
      }
    }
    return false;
  }
  if (glob[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (by_definition(glob.substr(deep ? 2 : 1), text.substr(i), false)) {
        return true;
      }
      if (!deep && i < text.size() && text[i] == '/') {
        return false;
      }
    }
    return false;
  }
  return !text.empty() && text[0] == glob[0] &&
         by_definition(glob.substr(1), text.substr(1), glob[0] == '/');
}

TEST(Glob, AgreesWithItsDefinition) {
  const unsigned seed = 20260307;
  std::mt19937 random(seed);
  const std::string_view glob_pieces[] = {"a", "b", "/", "*", "**", "/"};
  for (int i = 0; i < 20'000; ++i) {
    std::string glob;
    std::string text;
    for (std::size_t n = random() % 7; n > 0; --n) {
      const std::string_view piece = glob_pieces[random() % 6];
      if (!(piece[0] == '*' && glob.ends_with('*'))) {
        glob += piece;
      }
    }
    for (std::size_t n = random() % 7; n > 0; --n) {
      text += "ab/"[random() % 3];
    }
    ASSERT_EQ(Glob::make(glob)->matches(text), by_definition(glob, text))
        << "seed " << seed << ": '" << glob << "' over '" << text << "'";
  }
}

TEST(Glob, IsLinearOverHostileText) {
  const std::string text(2'000'000, 'a');
  EXPECT_FALSE(Glob::make("**a*a*a*a*a*b")->matches(text));
  EXPECT_FALSE(Glob::make(std::string(3000, 'a')).has_value());
}

TEST(Glob, KnowsDeviousTexts) {
  struct {
    std::string text;
    bool devious;
  } const cases[] = {
      {"/srv/a", false},
      {"/srv/../etc", true},
      {"..", true},
      {".", true},
      {"/srv/.", true},
      {"./a", true},
      {"a/..", true},
      {"a..b", false},
      {".hidden/...", false},
      {"\\srv\\..\\etc", true},
      {"/srv/%2e%2E/etc", true},
      {"/srv%2f..%2fetc", true},
      {"/srv/%252e%252e/x", true},
      {"/srv/.%2e/x", true},
      {"100%", false},
      {"%zz/..x", false},
      {std::string("a\0b", 3), true},
      {"a%00b", true},
      {"/srv/..%5cetc", true},
      {"v1.2/file.md", false},
      // Once a deny rule over file:///etc/** let each of these through.
      {"file:///etc/passwd", false},
      {"file:////etc/passwd", true},
      {"FILE:///etc/passwd", true},
      {"file://localhost/etc/passwd", true},
      {"file:///%65tc/passwd", true},
      {"/home/a/.ssh%2fid", true},
      {"/home/a/%2essh/id", true},
      {"/srv/tickets//secret/x", true},
      {"//srv/tickets/secret/x", true},
      {"https://example.org/a?next=http://b", false},
      {"https://example.org//a", true},
      {"/srv/a%20b", false},
      {"search__a//b", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(is_devious(c.text), c.devious) << c.text;
  }
}

}  // namespace
}  // namespace pawl::rules
