// Random answers, pointers and patterns: nothing that is named or matches is left, what is left is
// JSON, and a second time changes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.h"
#include "foundation/rules/redaction.h"
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

bool is_mark(const json::Value& value) {
  static const json::Value kMarks[] = {json::Value("[redacted]"),
                                       json::Object{{"[redacted]", "[redacted]"}},
                                       json::Object{{"type", "text"}, {"text", "[redacted]"}}};
  if (value.is_array()) {
    return value.get_array().empty() ||
           (value.get_array().size() == 1 && is_mark(value.get_array().front()));
  }
  return std::find(std::begin(kMarks), std::end(kMarks), value) != std::end(kMarks);
}

void named(const json::Value& value, const Redaction::Pointer& pointer, std::size_t at,
           std::vector<const json::Value*>& out) {
  if (at == pointer.size() || (value.is_object() && is_mark(value))) {
    out.push_back(&value);
    return;
  }
  const auto fits = [&](std::string_view name) {
    return pointer[at] == "*" || pointer[at] == name;
  };
  if (value.is_object()) {
    for (const auto& [key, member] : value.get_object()) {
      if (fits(std::string_view(key))) {
        named(member, pointer, at + 1, out);
      }
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      if (fits(std::to_string(i))) {
        named(value.get_array()[i], pointer, at + 1, out);
      }
    }
  }
}

bool matches(std::string_view text, const Redaction& all) {
  return std::any_of(all.patterns().begin(), all.patterns().end(),
                     [&](const auto& one) { return RE2::PartialMatch(text, *one); });
}

// Something that a pattern matches, in what is left.
bool leaks(const json::Value& value, const Redaction& all, int depth = 0) {
  if (value.is_object()) {
    return std::any_of(value.get_object().begin(), value.get_object().end(), [&](const auto& one) {
      return matches(std::string_view(one.key()), all) || leaks(one.value(), all, depth);
    });
  }
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [&](const auto& one) { return leaks(one, all, depth); });
  }
  if (value.is_number()) {
    return matches(json::print(value), all);
  }
  if (!value.is_string()) {
    return false;
  }
  const std::string_view text = value.get_string();
  const auto inner = json::parse(text);
  return matches(text, all) ||
         (inner && !inner->value.is_primitive() && leaks(inner->value, all, depth + 1));
}

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
    for (const Redaction::Pointer& pointer : (*all)->pointers()) {
      std::vector<const json::Value*> left;
      named(parsed->value, pointer, 0, left);
      for (const json::Value* one : left) {
        ASSERT_TRUE(is_mark(*one)) << "seed " << seed << ": " << body << " -> " << *out;
      }
    }
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
