// Random pairs of sets: where a child is called narrower, no request shows the opposite.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "foundation/rules/narrowing.h"

namespace pawl::rules {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  std::string name() {
    return std::string(1, "ab"[below(2)]) + pick<std::string>({"", "/"}) +
           std::string(1, "xy"[below(2)]);
  }
  std::string pattern() {
    return one_in(3) ? pick<std::string>({"**", "*", "a*", "*x", "a/*", "b**", "**/x", "a**y"})
                     : name();
  }
  std::string names() {
    std::string out = "[\"" + pattern();
    for (std::size_t n = below(3); n > 0; --n) {
      out += "\", \"" + pattern();
    }
    return out + "\"]";
  }

  std::string number() { return pick<std::string>({"0", "1", "1.5", "2", "3"}); }

  std::string matcher() {
    switch (below(7)) {
      case 0:
        return "{in: [" + number() + ", \"" + name() + "\"]}";
      case 1:
        return "{glob: [\"" + pattern() + "\"]}";
      case 2:
        return "{range: {" + pick<std::string>({"gt", "gte"}) + ": " + number() + "}}";
      case 3:
        return "{range: {" + pick<std::string>({"lt", "lte"}) + ": " + number() + "}}";
      case 4:
        return "{size: {max: " + std::to_string(below(4)) + "}}";
      case 5:
        return "{exists: " + pick<std::string>({"true", "false"}) + "}";
      default:
        return "{matches: \"" + pick<std::string>({"a.*", ".*x", "[ab]x"}) + "\"}";
    }
  }

  std::string leaf() {
    switch (below(6)) {
      case 0:
        return "{group: " + names() + "}";
      case 1:
        return "{arguments: {p: " + matcher() + "}}";
      case 2:
        return "{arguments: {q: " + matcher() + "}}";
      case 3:
        return "{server: {exists: " + pick<std::string>({"true", "false"}) + "}}";
      case 4:
        return "{server: " + names() + "}";
      default:
        return "{tool: " + names() + "}";
    }
  }

  std::string condition(int depth) {
    if (depth == 0 || one_in(2)) {
      return leaf();
    }
    if (one_in(3)) {
      return "{not: " + condition(depth - 1) + "}";
    }
    std::string out = "{" + pick<std::string>({"all", "any"}) + ": [" + condition(depth - 1);
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      out += ", " + condition(depth - 1);
    }
    return out + "]}";
  }

  struct Rule {
    std::string when, then, expires;
    int held_by = 0;  // roles of a hold; 0: it is none
  };

  Rule rule() {
    Rule out{condition(2), one_in(3) ? "deny, reason: r" : "allow", ""};
    if (out.then != "allow" && one_in(6)) {
      out.then += ", mode: observe";
    }
    out.expires = one_in(5) ? pick<std::string>({"1970-01-01", "1970-01-02", "1970-01-03"}) : "";
    return out;
  }

  std::vector<Rule> rules() {
    std::vector<Rule> out(1 + below(4));
    for (Rule& one : out) {
      one = rule();
    }
    return out;
  }

  // What a delegate could make of it: mostly narrower, sometimes not.
  std::vector<Rule> changed(std::vector<Rule> rules) {
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      Rule& one = rules[below(rules.size())];
      switch (below(8)) {
        case 0:
        case 1:
          one.when = "{all: [" + one.when + ", " + leaf() + "]}";
          break;
        case 2:
          one.when = "{any: [" + one.when + ", " + leaf() + "]}";
          break;
        case 3:
          rules.push_back({condition(1), "deny, reason: r", ""});
          break;
        case 4:
          if (rules.size() > 1) {
            rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(below(rules.size())));
          }
          break;
        case 5:
          one.expires = pick<std::string>({"", "1970-01-01", "1970-01-02"});
          break;
        case 6:
          one = rule();
          break;
        default:
          rules.push_back({one.when, "allow", "1970-01-01"});
      }
    }
    return rules;
  }

  json::Value argument() {
    switch (below(5)) {
      case 0:
        return static_cast<std::int64_t>(below(4));
      case 1:
        return 1.5;
      case 2:
        return json::Array{1, 2};
      case 3:
        return "a/../x";
      default:
        return json::Value(name());
    }
  }

 private:
  std::mt19937 random_;
};

std::string then(const Generator::Rule& rule) {
  if (rule.held_by == 0) {
    return rule.then;
  }
  return std::string("{hold: {roles: ") + (rule.held_by == 1 ? "[a]" : "[a, b]") + "}}";
}

std::string yaml(const std::vector<Generator::Rule>& rules) {
  std::string out = "rules:\n";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    out += "  - {id: r" + std::to_string(i) + ", when: " + rules[i].when +
           ", then: " + then(rules[i]) +
           (rules[i].expires.empty() ? "" : ", expires: " + rules[i].expires) + "}\n";
  }
  return out;
}

struct World {
  std::string server, tool;
  std::vector<std::string> groups;
  json::Value arguments;
  bool has_arguments = false;
  std::int64_t now = 0;

  explicit World(Generator& random) {
    const auto word = [&] {
      return random.one_in(5) ? std::string() : random.one_in(9) ? "a/./x" : random.name();
    };
    server = word();
    tool = word();
    for (std::size_t n = random.below(3); n > 0; --n) {
      groups.push_back(random.one_in(9) ? "a/./x" : random.name());
    }
    json::Object object;
    for (const char* name : {"p", "q"}) {
      if (!random.one_in(3)) {
        object[name] = random.argument();
      }
    }
    arguments = std::move(object);
    has_arguments = !random.one_in(6);
    now = random.pick<std::int64_t>({-1, 0, 86'400, 172'800});
  }

  Facts facts() const {
    Facts out;
    out.groups = &groups;
    out.server = server;
    out.tool = tool;
    out.arguments = has_arguments ? &arguments : nullptr;
    return out;
  }
};

TEST(NarrowingProperty, NoRequestShowsThatANarrowerSetIsWider) {
  Generator random(20261127);
  int yes = 0;
  int no = 0;
  int unknown = 0;
  int allowed = 0;
  for (int round = 0; round < 5'000; ++round) {
    const std::vector<Generator::Rule> wide = random.rules();
    const std::string parent_text = yaml(wide);
    const std::string child_text = yaml(random.one_in(4) ? random.rules() : random.changed(wide));
    const auto parent = ComparableSet::load({{"p", parent_text}});
    const auto child = ComparableSet::load({{"c", child_text}});
    ASSERT_TRUE(parent && child) << parent_text << child_text;
    const Narrower said = is_narrower(*child, *parent);
    ++(said == Narrower::kYes ? yes : said == Narrower::kNo ? no : unknown);
    if (said != Narrower::kYes) {
      continue;
    }
    for (int i = 0; i < 40; ++i) {
      const World world(random);
      const Facts facts = world.facts();
      if (child->rules().decide(facts, world.now).effect == Effect::kAllow) {
        ++allowed;
        ASSERT_EQ(parent->rules().decide(facts, world.now).effect, Effect::kAllow)
            << "round " << round << " server " << world.server << " tool " << world.tool << " now "
            << world.now << " arguments " << json::print(world.arguments) << "\nparent "
            << parent_text << "child " << child_text;
      }
    }
  }
  std::printf("%d yes, %d no, %d unknown; %d allowed requests compared\n", yes, no, unknown,
              allowed);
  EXPECT_GT(yes, 2000);
  EXPECT_GT(no, 500);
  EXPECT_GT(allowed, 10'000);
}

TEST(NarrowingProperty, NoRequestIsHeldOnWeakerTerms) {
  Generator random(271126);
  int yes = 0;
  int held = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::vector<Generator::Rule> wide = random.rules();
    for (Generator::Rule& rule : wide) {
      rule.held_by = random.one_in(3) ? 1 + static_cast<int>(random.below(2)) : 0;
    }
    std::vector<Generator::Rule> narrow = random.changed(wide);
    if (random.one_in(2)) {
      narrow[random.below(narrow.size())].held_by = static_cast<int>(random.below(3));
    }
    const auto parent = ComparableSet::load({{"p", yaml(wide)}});
    const auto child = ComparableSet::load({{"c", yaml(narrow)}});
    ASSERT_TRUE(parent && child) << parent.error().message << yaml(wide) << yaml(narrow);
    if (is_narrower(*child, *parent) != Narrower::kYes) {
      continue;
    }
    ++yes;
    for (int i = 0; i < 40; ++i) {
      const World world(random);
      const Decision by_child = child->rules().decide(world.facts(), world.now);
      const Decision by_parent = parent->rules().decide(world.facts(), world.now);
      held += by_child.effect == Effect::kHold && by_parent.effect == Effect::kHold ? 1 : 0;
      ASSERT_LE(by_parent.effect, by_child.effect) << yaml(wide) << yaml(narrow);
      ASSERT_TRUE(by_child.effect == Effect::kDeny || by_parent.effect == Effect::kAllow ||
                  no_weaker(*by_child.hold(), *by_parent.hold()))
          << yaml(wide) << yaml(narrow);
    }
  }
  std::printf("%d yes; %d held requests compared\n", yes, held);
  EXPECT_GT(yes, 1500);
  EXPECT_GT(held, 4000);
}

}  // namespace
}  // namespace pawl::rules
