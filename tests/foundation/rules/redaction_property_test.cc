// Random answers, pointers and patterns: nothing that is named or matches is left, what is left is
// JSON, and a second time changes nothing.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "foundation/rules/redaction.h"
#include "tests/support/redaction_check.h"
#include "tests/support/seeded_random.h"

namespace pawl::rules {
namespace {

const std::vector<std::string> kNames = {
    "a", "b", "c", "type", "text", "content", "structuredContent", "x9", "~1", "mimeType"};
const std::vector<std::string> kPatterns = {"[0-9]{4}", "sec+ret", "^k=", "x$", "b.d",
                                            "\\bzz\\b", "a1|1a",   "q+",  "^1", "\\{\\\\\"a"};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    static const std::vector<std::string> kParts = {
        "secret", "1234", "k=", "x", "b-d", "zz", " ", "a", "1", "[redacted]", "q", "{", "\""};
    std::string out;
    for (std::uint64_t i = random_.below(6); i > 0; --i) {
      out += kParts[random_.below(kParts.size())];
    }
    return out;
  }

  std::string value(int depth) {
    switch (random_.below(depth > 3 ? 5 : 8)) {
      case 0:
        return std::to_string(random_.below(20'000));
      case 1:
        return random_.coin() ? "true" : "null";
      case 2:
        return "9007199254740993";
      case 3:
        return spelled(text());
      case 4:
        return spelled(depth > 3 ? text() : value(depth + 2));
      case 5:
        return list(depth);
      default:
        return object(depth);
    }
  }
  std::string object(int depth) {
    std::string out = "{";
    for (const std::string& name : kNames) {
      if (random_.below(3) == 0) {
        out += (out.size() == 1 ? "" : ", ") + json::quote(name) + ":" + value(depth + 1);
      }
    }
    return out + "}";
  }
  std::vector<std::string> pointers() {
    std::vector<std::string> out;
    for (std::uint64_t i = random_.below(3); i > 0; --i) {
      std::string one;
      for (std::uint64_t step = 1 + random_.below(3); step > 0; --step) {
        const std::uint64_t kind = random_.below(4);
        one += kind == 0   ? std::string("/*")
               : kind == 1 ? "/" + std::to_string(random_.below(2))
                           : "/" + kNames[random_.below(kNames.size() - 2)];
      }
      out.push_back(one);
    }
    return out;
  }
  std::vector<std::string> patterns() {
    std::vector<std::string> out;
    for (std::uint64_t i = random_.below(3); i > 0; --i) {
      out.push_back(kPatterns[random_.below(kPatterns.size())]);
    }
    return out;
  }

 private:
  std::string list(int depth) {
    std::string out = "[";
    for (std::uint64_t i = random_.below(4); i > 0; --i) {
      out += (out.size() == 1 ? " " : ",") + value(depth + 1);
    }
    return out + "]";
  }
  // Some letters as escapes: the same text in another spelling.
  std::string spelled(const std::string& text) {
    std::string out = json::quote(text);
    if (random_.coin() && text.find('1') != text.npos) {
      out.replace(out.find('1'), 1, "\\u0031");
    }
    return out;
  }

  SeededRandom random_;
};

TEST(RedactionProperty, NothingThatIsNamedOrMatchesIsLeft) {
  std::size_t changed = 0;
  std::size_t held_back = 0;
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    Maker make(seed);
    const std::string body = make.object(0);
    const auto all = Redaction::make(make.pointers(), make.patterns());
    ASSERT_TRUE(all) << all.error().message;
    const Result<std::string> out = redacted(body, Answered::kResult, {all->get()});
    if (!out) {
      ++held_back;
      continue;
    }
    changed += *out != body ? 1 : 0;
    const auto parsed = json::parse(*out);
    ASSERT_TRUE(parsed) << "seed " << seed << ": " << body << " -> " << *out;
    ASSERT_FALSE(names_more_than_marks(parsed->value, **all))
        << "seed " << seed << ": " << body << " -> " << *out;
    ASSERT_FALSE(leaks(parsed->value, **all)) << "seed " << seed << ": " << body << " -> " << *out;
    const Result<std::string> again = redacted(*out, Answered::kResult, {all->get()});
    ASSERT_TRUE(again) << "seed " << seed;
    ASSERT_EQ(*again, *out) << "seed " << seed << ": " << body;
  }
  EXPECT_GT(changed, 2000u);
  EXPECT_LT(held_back, 2000u);
}

}  // namespace
}  // namespace pawl::rules
