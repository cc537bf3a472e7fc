// Random rules and facts: the index and the evaluation must say what a plain reading says.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

// The reference knows three values, a list of rules and no index.
enum Three { kNo, kUnknown, kYes };

struct Asked {
  enum Kind { kName, kArgument, kAll, kAny, kNot } kind = kName;
  std::string subject;
  std::vector<std::string> words;  // a name, or a literal with one "*" at an end
  bool exists_false = false;
  std::vector<Asked> inner;
};

struct PlainRule {
  std::string id;
  bool deny = false;
  bool observe = false;
  Asked when;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string word() { return std::string(1, "abc"[below(3)]) + std::string(1, "xyz"[below(3)]); }

  Asked leaf() {
    const char* const names[] = {"agent", "group", "server", "tool", "resource"};
    Asked out;
    out.kind = below(4) == 0 ? Asked::kArgument : Asked::kName;
    out.subject = out.kind == Asked::kName ? names[below(5)] : std::string(1, "pq"[below(2)]);
    out.exists_false = below(10) == 0;
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      std::string one = word();
      if (out.kind == Asked::kName && below(3) == 0) {
        one = below(2) ? one.substr(0, 1) + "*" : "*" + one.substr(1);
      }
      if (out.kind == Asked::kName && below(12) == 0) {
        one = "**";
      }
      out.words.push_back(one);
    }
    return out;
  }

  Asked condition(int depth) {
    if (depth == 0 || below(3) == 0) {
      return leaf();
    }
    Asked out;
    out.kind = std::array{Asked::kAll, Asked::kAny, Asked::kNot}[below(3)];
    for (std::size_t n = out.kind == Asked::kNot ? 1 : 1 + below(3); n > 0; --n) {
      out.inner.push_back(condition(depth - 1));
    }
    return out;
  }

  std::vector<PlainRule> rules() {
    std::vector<PlainRule> out(1 + below(40));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].id = "r" + std::to_string(i);
      out[i].deny = below(3) == 0;
      out[i].observe = out[i].deny && below(4) == 0;
      out[i].when = condition(3);
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

std::string yaml(const Asked& asked) {
  std::string list;
  for (const std::string& one : asked.words) {
    list += (list.empty() ? "\"" : ", \"") + one + "\"";
  }
  switch (asked.kind) {
    case Asked::kName:
      return "{" + asked.subject + ": " +
             (asked.exists_false ? "{exists: false}" : "[" + list + "]") + "}";
    case Asked::kArgument:
      return "{arguments: {" + asked.subject + ": " +
             (asked.exists_false ? "{exists: false}" : "{in: [" + list + "]}") + "}}";
    case Asked::kNot:
      return "{not: " + yaml(asked.inner[0]) + "}";
    case Asked::kAll:
    case Asked::kAny:
      break;
  }
  std::string out = asked.kind == Asked::kAll ? "{all: [" : "{any: [";
  for (std::size_t i = 0; i < asked.inner.size(); ++i) {
    out += (i ? ", " : "") + yaml(asked.inner[i]);
  }
  return out + "]}";
}

struct World {
  std::string agent, server, tool, resource;
  std::vector<std::string> groups;
  json::Value arguments;
  bool has_arguments = false;
};

bool fits(const std::string& pattern, const std::string& text) {
  if (pattern == "**") {
    return true;
  }
  const bool slash = text.find('/') != std::string::npos;
  if (pattern.back() == '*') {
    return !slash && text.starts_with(pattern.substr(0, pattern.size() - 1));
  }
  return pattern.front() == '*' ? !slash && text.ends_with(pattern.substr(1)) : pattern == text;
}

// The texts a subject has; none: absent.
std::vector<std::string> texts(const Asked& asked, const World& world) {
  if (asked.kind == Asked::kArgument) {
    const auto text = json::find_string(world.arguments, {asked.subject});
    return world.has_arguments && text ? std::vector{std::string(*text)}
                                       : std::vector<std::string>();
  }
  if (asked.subject == "group") {
    return world.groups;
  }
  const std::string& one = asked.subject == "agent"    ? world.agent
                           : asked.subject == "server" ? world.server
                           : asked.subject == "tool"   ? world.tool
                                                       : world.resource;
  return one.empty() ? std::vector<std::string>() : std::vector{one};
}

Three answer(const Asked& asked, const World& world, bool deny) {
  switch (asked.kind) {
    case Asked::kNot:
      return static_cast<Three>(kYes - answer(asked.inner[0], world, deny));
    case Asked::kAll: {
      Three out = kYes;
      for (const Asked& one : asked.inner) {
        out = std::min(out, answer(one, world, deny));
      }
      return out;
    }
    case Asked::kAny: {
      Three out = kNo;
      for (const Asked& one : asked.inner) {
        out = std::max(out, answer(one, world, deny));
      }
      return out;
    }
    default:
      break;
  }
  const std::vector<std::string> found = texts(asked, world);
  if (asked.exists_false) {
    return found.empty() ? kYes : kNo;
  }
  if (found.empty()) {
    return deny ? kNo : kUnknown;
  }
  bool doubt = false;
  for (const std::string& text : found) {
    for (const std::string& pattern : asked.words) {
      const bool wild = pattern.find('*') != std::string::npos;
      const bool devious = wild && pattern != "**" && text.find("..") != std::string::npos;
      doubt = doubt || devious;
      if (!devious && fits(pattern, text)) {
        return kYes;
      }
    }
  }
  return doubt ? kUnknown : kNo;
}

const PlainRule* decide(const std::vector<PlainRule>& rules, const World& world) {
  for (const bool deny : {true, false}) {
    for (const PlainRule& rule : rules) {
      const Three three = rule.deny == deny ? answer(rule.when, world, deny) : kNo;
      if (rule.deny == deny && !rule.observe && (deny ? three != kNo : three == kYes)) {
        return &rule;
      }
    }
  }
  return nullptr;
}

World world(Generator& random) {
  World out;
  const auto maybe = [&] {
    return random.below(4) == 0    ? std::string()
           : random.below(12) == 0 ? "ax/../" + random.word()
                                   : random.word();
  };
  out.agent = maybe();
  out.server = maybe();
  out.tool = maybe();
  out.resource = maybe();
  for (std::size_t n = random.below(3); n > 0; --n) {
    out.groups.push_back(random.word());
  }
  json::Object arguments;
  for (const char* name : {"p", "q"}) {
    if (random.below(2)) {
      arguments[name] = random.word();
    }
  }
  out.has_arguments = random.below(5) != 0;
  out.arguments = std::move(arguments);
  return out;
}

TEST(Property, DecidesAsAPlainReadingDoes) {
  const unsigned seed = 4711;
  int allowed = 0;
  int denied = 0;
  int by_default = 0;
  Generator random(seed);
  for (int round = 0; round < 400; ++round) {
    const std::vector<PlainRule> plain = random.rules();
    std::string text = "rules:\n";
    for (const PlainRule& rule : plain) {
      text += "  - {id: " + rule.id + ", when: " + yaml(rule.when) +
              ", then: " + (rule.deny ? "deny, reason: r" : "allow") +
              (rule.observe ? ", mode: observe" : "") + "}\n";
    }
    const auto set = RuleSet::load({{"f", text}});
    ASSERT_TRUE(set) << set.error().message << "\n" << text;
    for (int i = 0; i < 50; ++i) {
      const World w = world(random);
      Facts facts;
      facts.agent = w.agent;
      facts.groups = &w.groups;
      facts.server = w.server;
      facts.tool = w.tool;
      facts.resource = w.resource;
      facts.arguments = w.has_arguments ? &w.arguments : nullptr;
      const PlainRule* expected = decide(plain, w);
      const Decision decision = (*set)->decide(facts, 0);
      ASSERT_EQ(decision.rule ? decision.rule->id : "none", expected ? expected->id : "none")
          << "seed " << seed << " round " << round << "." << i << " agent " << w.agent << " server "
          << w.server << " tool " << w.tool << " resource " << w.resource << "\n"
          << text;
      ASSERT_EQ(decision.effect == Effect::kAllow, expected && !expected->deny);
      if (decision.effect == Effect::kAllow) {
        ASSERT_TRUE((*set)->could_allow(facts, 0)) << "seed " << seed << " round " << round;
        Facts nameless = facts;
        nameless.tool = {};
        nameless.resource = {};
        ASSERT_TRUE((*set)->could_allow_any(nameless, 0)) << "seed " << seed << " round " << round;
        ASSERT_TRUE((*set)->nearest(facts, 0).differences.empty());
      } else if (const Nearest nearest = (*set)->nearest(facts, 0);
                 nearest.rule != nullptr && decision.rule == nullptr) {
        ASSERT_FALSE(nearest.differences.empty());
      }
      ++(expected == nullptr ? by_default : expected->deny ? denied : allowed);
    }
  }
  EXPECT_GT(allowed, 1000);
  EXPECT_GT(denied, 1000);
  EXPECT_GT(by_default, 1000);
}

// 10 rules a tool: 6 exact, 2 with a prefix or suffix on the tool, 1 numeric, 1 RE2.
std::string realistic(std::size_t count) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < count; ++i) {
    const std::string tool = "tool" + std::to_string(100000 + i / 10);
    const std::string agent = "agent" + std::to_string(i % 50);
    std::string when = "agent: " + agent + ", server: s" + std::to_string(i / 10 % 20) + ", tool: ";
    switch (i % 10) {
      case 6:
        when += "\"" + tool + "*\"";
        break;
      case 7:
        when += "\"*" + std::to_string(100000 + i / 10) + "\"";
        break;
      case 8:
        when += tool + ", arguments: {n: {range: {lt: 5}}}";
        break;
      case 9:
        when += tool + ", arguments: {q: {matches: \"[a-z ]*select [a-z, ]+ from [a-z]+.*\"}}";
        break;
      default:
        when += tool;
    }
    text += "  - {id: r" + std::to_string(i) + ", when: {" + when +
            "}, then: " + (i % 4 == 0 ? "deny, reason: r" : "allow") + "}\n";
  }
  return text;
}

TEST(Property, TheRulesADecisionTouchesDoNotGrowWithTheSet) {
  std::size_t most_of_all = 0;
  for (const std::size_t count : {1u, 10u, 100u, 1'000u, 10'000u}) {
    const auto set = RuleSet::load({{"f", realistic(count)}});
    ASSERT_TRUE(set) << set.error().message;
    json::Object object;
    object["n"] = 9;
    object["q"] = std::string(200, 'a');
    const json::Value arguments(std::move(object));
    std::size_t most = 0;
    for (std::size_t i = 0; i < 3'000; ++i) {
      const std::string tool = "tool" + std::to_string(100000 + i * 7 % (count / 10 + 2));
      const std::string agent = "agent" + std::to_string(i % 60);
      const std::string server = "s" + std::to_string(i % 21);
      Facts facts;
      facts.agent = agent;
      facts.server = server;
      facts.verb = "tool.call";
      facts.tool = tool;
      facts.arguments = &arguments;
      most = std::max(most, (*set)->decide(facts, 0).rules_touched);
    }
    most_of_all = std::max(most_of_all, most);
    std::printf("%zu rules: at most %zu touched\n", count, most);
  }
  EXPECT_LE(most_of_all, 10u);
}

}  // namespace
}  // namespace pawl::rules
