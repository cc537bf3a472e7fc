// A domain of requests small enough to try all of them, and random rules over it. For tests.
// Threading: one thread. Ownership: World::facts() borrows its world.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "foundation/rules/rules.h"

namespace pawl::rules::small_world {

struct World {
  std::string tool, server, verb;
  std::vector<std::string> groups;
  json::Value arguments;
  bool has_arguments = false;
  std::int64_t now = 0;

  Facts facts() const {
    Facts out;
    out.verb = verb;
    out.tool = tool;
    out.server = server;
    out.groups = &groups;
    out.arguments = has_arguments ? &arguments : nullptr;
    return out;
  }
};

// Every request that differs in what random rules ask: 6,720.
inline std::vector<World> all_worlds() {
  std::vector<json::Value> arguments;
  arguments.emplace_back(json::Object{});
  for (const json::Value& p : {json::Value("ax"), json::Value("b"), json::Value("a/../x"),
                               json::Value(1), json::Value(2.5), json::Value(json::Array{1})}) {
    json::Object object;
    object["p"] = p;
    arguments.emplace_back(std::move(object));
  }
  std::vector<World> out;
  for (const char* tool : {"", "ax", "ay", "b", "q", "a/./x", "a/y"}) {
    for (const char* server : {"", "ax", "b", "q"}) {
      for (const char* verb : {"tool.call", "log.message", "resource.read"}) {
        for (const std::vector<std::string>& groups :
             {std::vector<std::string>(), {"ax"}, {"ay"}, {"q"}, {"b", "a/./x"}}) {
          for (const std::int64_t now : {0, 100'000}) {
            out.push_back({tool, server, verb, groups, nullptr, false, now});
            for (const json::Value& one : arguments) {
              out.push_back({tool, server, verb, groups, one, true, now});
            }
          }
        }
      }
    }
  }
  return out;
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::string names() {
    const std::vector<std::string> known = {"ax", "ay", "b", "a*", "**", "*x", "a/*", "a**"};
    return "[\"" + pick(known) + (one_in(2) ? "\", \"" + pick(known) : std::string()) + "\"]";
  }
  std::string matcher() {
    return pick({"{in: [1, ax]}", "{in: [b]}", "{glob: \"a*\"}", "{range: {gte: 1}}",
                 "{range: {gt: 2}}", "{range: {lt: 2}}", "{size: {max: 1}}", "{exists: true}",
                 "{exists: false}", "{matches: \"a.*\"}"});
  }
  std::string leaf() {
    switch (below(6)) {
      case 0:
        return "{group: " + names() + "}";
      case 1:
        return "{verb: " + pick({"tool.call", "log.message", "\"log.*\""}) + "}";
      case 2:
        return "{server: " + names() + "}";
      case 3:
        return "{tool: " + names() + "}";
      default:
        return "{arguments: {p: " + matcher() + "}}";
    }
  }
  std::string condition(int depth) {
    if (depth == 0 || one_in(2)) {
      return leaf();
    }
    if (one_in(4)) {
      return "{not: " + condition(depth - 1) + "}";
    }
    std::string out = "{" + pick({"all", "all", "any"}) + ": [" + condition(depth - 1);
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      out += ", " + condition(depth - 1);
    }
    return out + "]}";
  }

  struct Rule {
    std::string when, then;
    bool observe = false, expires = false;
  };
  // Often like one before it, so that they cover each other.
  std::vector<Rule> rules(std::size_t most) {
    std::vector<Rule> out(1 + below(most));
    for (std::size_t i = 0; i < out.size(); ++i) {
      Rule& one = out[i];
      one.then = pick({"allow", "allow", "deny", "{hold: {of: 1}}", "{hold: {of: 2}}"});
      one.observe = one.then != "allow" && one_in(6);
      one.expires = one_in(6);
      one.when = i == 0 || one_in(2) ? condition(2)
                 : one_in(2)         ? "{all: [" + out[below(i)].when + ", " + leaf() + "]}"
                                     : "{any: [" + out[below(i)].when + ", " + leaf() + "]}";
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

inline std::string line_of(const Generator::Rule& rule, std::size_t number) {
  return "  - {id: r" + std::to_string(number) + ", when: " + rule.when + ", then: " + rule.then +
         ", reason: r" + (rule.observe ? ", mode: observe" : "") +
         (rule.expires ? ", expires: 1970-01-02" : "") + "}\n";
}

inline std::string yaml(const std::vector<Generator::Rule>& rules) {
  std::string out = "rules:\n";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    out += line_of(rules[i], i);
  }
  return out;
}

}  // namespace pawl::rules::small_world
