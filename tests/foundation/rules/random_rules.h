// Random rules and worlds, and the plain reading that says what they mean. For tests.
// Threading: one thread. Ownership: facts_of() borrows its world.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl::rules::random_rules {

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
  Effect effect = Effect::kAllow;
  bool observe = false;
  Asked when;
};

class Generator {
 public:
  explicit Generator(unsigned seed, bool names_only = false)
      : random_(seed), names_only_(names_only) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string word() { return std::string(1, "abc"[below(3)]) + std::string(1, "xyz"[below(3)]); }

  Asked leaf() {
    const char* const names[] = {"agent", "group", "server", "tool", "resource"};
    Asked out;
    out.kind = !names_only_ && below(4) == 0 ? Asked::kArgument : Asked::kName;
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
      out[i].effect =
          std::array{Effect::kDeny, Effect::kHold, Effect::kAllow, Effect::kAllow}[below(4)];
      out[i].observe = out[i].effect != Effect::kAllow && below(4) == 0;
      out[i].when = condition(3);
    }
    return out;
  }

 private:
  std::mt19937 random_;
  const bool names_only_;
};

inline std::string yaml(const Asked& asked) {
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

inline bool fits(const std::string& pattern, const std::string& text) {
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
inline std::vector<std::string> texts(const Asked& asked, const World& world) {
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

inline Three answer(const Asked& asked, const World& world, bool deny) {
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

struct PlainDecision {
  const PlainRule* rule = nullptr;
  const PlainRule* would = nullptr;  // only of holds, and of denials before an enforced one
};

// As the page says it, sentence by sentence.
inline PlainDecision decide(const std::vector<PlainRule>& rules, const World& world) {
  PlainDecision out;
  for (const PlainRule& rule : rules) {
    if (rule.effect == Effect::kDeny && answer(rule.when, world, true) != kNo) {
      const PlainRule*& first = rule.observe ? out.would : out.rule;
      first = first == nullptr ? &rule : first;
      if (!rule.observe) {
        return out;
      }
    }
  }
  const PlainRule* allow = nullptr;
  const PlainRule* hold = nullptr;
  const PlainRule* observed = nullptr;
  bool holds_permit = false;
  bool observed_permits = false;
  for (const PlainRule& rule : rules) {
    if (rule.effect == Effect::kAllow && allow == nullptr &&
        answer(rule.when, world, false) == kYes) {
      allow = &rule;
    }
    if (rule.effect == Effect::kHold && answer(rule.when, world, true) != kNo) {
      const PlainRule*& first = rule.observe ? observed : hold;
      first = first == nullptr ? &rule : first;
      (rule.observe ? observed_permits : holds_permit) |= answer(rule.when, world, false) == kYes;
    }
  }
  const bool permitted = allow != nullptr || holds_permit;
  out.rule = !permitted ? nullptr : hold != nullptr ? hold : allow;
  if (out.would == nullptr && (permitted || observed_permits)) {
    out.would = observed;
  }
  return out;
}

inline World world(Generator& random) {
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

inline std::string text_of(const std::vector<PlainRule>& rules) {
  std::string text = "rules:\n";
  for (const PlainRule& rule : rules) {
    text += "  - {id: " + rule.id + ", when: " + yaml(rule.when) +
            ", then: " + std::string(effect_name(rule.effect)) + ", reason: r" +
            (rule.observe ? ", mode: observe" : "") + "}\n";
  }
  return rules.empty() ? "rules: []\n" : text;
}

inline Facts facts_of(const World& w) {
  Facts facts;
  facts.agent = w.agent;
  facts.groups = &w.groups;
  facts.server = w.server;
  facts.tool = w.tool;
  facts.resource = w.resource;
  facts.arguments = w.has_arguments ? &w.arguments : nullptr;
  return facts;
}

}  // namespace pawl::rules::random_rules
