#include "foundation/rules/narrowing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pawl::rules {
namespace {

ComparableSet load(const std::string& rules) {
  const Result<ComparableSet> set = ComparableSet::load({{"f.yaml", "rules:\n" + rules}});
  EXPECT_TRUE(set) << set.error().message << "\n" << rules;
  return set ? *set : *ComparableSet::load({{"f.yaml", "rules: []"}});
}

std::string allow(const std::string& when, const std::string& more = "", const char* id = "a") {
  return std::string("  - {id: ") + id + ", when: {" + when + "}, then: allow" + more + "}\n";
}

std::string deny(const std::string& when, const std::string& more = "", const char* id = "d") {
  return std::string("  - {id: ") + id + ", when: {" + when + "}, then: deny, reason: r" + more +
         "}\n";
}

struct Case {
  const char* name;
  std::string child, parent;
  Narrower expected;
};

TEST(Narrowing, SaysWhetherASetIsNarrower) {
  const Narrower yes = Narrower::kYes;
  const Narrower no = Narrower::kNo;
  const Narrower unknown = Narrower::kUnknown;
  const std::string any = allow("tool: \"**\"");
  for (const Case& c : std::vector<Case>{
           {"nothing", "  []", any, yes},
           {"the same", any, any, yes},
           {"nothing is permitted", any, "  []", no},
           {"a name of a list", allow("tool: a"), allow("tool: [a, b]"), yes},
           {"another name", allow("tool: [a, c]"), allow("tool: [a, b]"), no},
           {"one more condition", allow("tool: a, server: s"), allow("tool: a"), yes},
           {"one condition less", allow("tool: a"), allow("tool: a, server: s"), no},
           {"a name of a glob", allow("tool: read_x"), allow("tool: \"read_*\""), yes},
           {"a glob in a glob", allow("tool: \"read_*_x\""), allow("tool: \"read_*\""), yes},
           {"a glob for a name", allow("tool: \"read_*\""), allow("tool: read_y"), no},
           {"two rules for two", allow("tool: a", "", "x") + allow("tool: b", "", "y"),
            allow("tool: [b, a]"), yes},
           {"one rule for two", allow("tool: [a, b]"),
            allow("tool: a", "", "x") + allow("tool: b", "", "y"), unknown},
           {"any of two for two", allow("any: [{tool: a}, {tool: b}]"),
            allow("tool: a", "", "x") + allow("tool: b", "", "y"), yes},
           {"a denial less", any, any + deny("server: s"), no},
           {"a denial kept", any + deny("server: s"), any + deny("server: s", "", "e"), yes},
           {"a wider denial", any + deny("server: [s, t]"), any + deny("server: s"), yes},
           {"a narrower denial", any + deny("server: s, agent: x"), any + deny("server: s"), no},
           {"a denial that cannot meet", allow("tool: a, server: t"), any + deny("server: s"), yes},
           {"a denial of another glob", allow("tool: \"read_*\""), any + deny("tool: \"write_*\""),
            yes},
           {"a denial of an argument kept out", allow("tool: a, arguments: {p: {in: [x, y]}}"),
            any + deny("arguments: {p: z}"), yes},
           {"a denial that only observes", any + deny("server: s", ", mode: observe"),
            any + deny("server: s"), no},
           {"a denial that only observed", any, any + deny("server: s", ", mode: observe"), yes},
           {"a smaller range", allow("tool: a, arguments: {n: {range: {gte: 1, lt: 5}}}"),
            allow("tool: a, arguments: {n: {range: {gt: 0, lte: 5}}}"), yes},
           {"a larger range", allow("tool: a, arguments: {n: {range: {gte: 0, lt: 5}}}"),
            allow("tool: a, arguments: {n: {range: {gt: 0, lte: 5}}}"), no},
           {"a value in a range", allow("tool: a, arguments: {n: {in: [1, 2.5]}}"),
            allow("tool: a, arguments: {n: {range: {gt: 0, lte: 5}}}"), yes},
           {"a smaller size", allow("tool: a, arguments: {n: {size: {max: 3}}}"),
            allow("tool: a, arguments: {n: {size: {max: 4}}}"), yes},
           {"no size", allow("tool: a, arguments: {n: {exists: true}}"),
            allow("tool: a, arguments: {n: {size: {max: 4}}}"), unknown},
           {"what fits is there", allow("tool: a, arguments: {n: x}"),
            allow("tool: a, arguments: {n: {exists: true}}"), yes},
           {"a text that an expression takes", allow("tool: a, arguments: {n: ab}"),
            allow("tool: a, arguments: {n: {matches: \"[a-z]+\"}}"), yes},
           {"two expressions", allow("tool: a, arguments: {n: {matches: \"[a-b]+\"}}"),
            allow("tool: a, arguments: {n: {matches: \"[a-z]+\"}}"), unknown},
           {"not more", allow("tool: a, not: {server: [s, t]}"), allow("tool: a, not: {server: s}"),
            yes},
           {"not less", allow("tool: a, not: {server: s}"), allow("tool: a, not: {server: [s, t]}"),
            unknown},
           {"a later end", allow("tool: a", ", expires: 2031-01-02"),
            allow("tool: a", ", expires: 2031-01-01"), unknown},
           {"an earlier end", allow("tool: a", ", expires: 2031-01-01"),
            allow("tool: a", ", expires: 2031-01-02"), yes},
           {"a denial that ends earlier", any + deny("server: s", ", expires: 2031-01-01"),
            any + deny("server: s"), unknown},
           {"a denial that ends with what it bars",
            allow("tool: \"**\"", ", expires: 2031-01-01") +
                deny("server: s", ", expires: 2031-01-01"),
            any + deny("server: s"), yes},
           {"a group for a list", allow("tool: a, group: g"), allow("tool: a, group: [g, h]"), yes},
           {"a group does not keep out another", allow("tool: a, group: g"),
            allow("tool: a") + deny("group: h"), no},
           {"nothing can hold", allow("tool: a, all: [{server: s}, {server: t}]"), "  []", yes},
           {"in doubt the parent denies", allow("tool: a, arguments: {p: {matches: \".*\"}}"),
            any + deny("arguments: {p: {glob: \"x/*\"}}"), no},
       }) {
    EXPECT_EQ(is_narrower(load(c.child), load(c.parent)), c.expected) << c.name;
  }
}

TEST(Narrowing, TooManyAlternativesAreNoYes) {
  std::string when = "tool: a";
  std::string all;
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    all += (i == 0 ? "{any: [{server: s" : ", {any: [{server: s") + n + "}, {agent: g" + n + "}]}";
  }
  EXPECT_EQ(is_narrower(load(allow("tool: a, all: [" + all + "]")), load(allow("tool: [a, b]"))),
            Narrower::kUnknown);
}

TEST(Narrowing, HoldTermsAreComparedInEveryMember) {
  const HoldTerms parent{
      .roles = {"a", "b"}, .of = 2, .uses = 3, .within_s = 60, .escalate_to = {"c"}};
  const auto changed = [&](auto change) {
    HoldTerms out = parent;
    change(out);
    return no_weaker(out, parent);
  };
  EXPECT_TRUE(no_weaker(parent, parent));
  EXPECT_TRUE(changed([](HoldTerms& t) { t.roles = {"b"}; }));
  EXPECT_TRUE(changed([](HoldTerms& t) { t.roles = {}; }));
  EXPECT_FALSE(changed([](HoldTerms& t) { t.roles = {"b", "x"}; }));
  EXPECT_TRUE(changed([](HoldTerms& t) { t.of = 3; }));
  EXPECT_FALSE(changed([](HoldTerms& t) { t.of = 1; }));
  EXPECT_TRUE(changed([](HoldTerms& t) { t.uses = 1; }));
  EXPECT_FALSE(changed([](HoldTerms& t) { t.uses = 4; }));
  EXPECT_FALSE(changed([](HoldTerms& t) { t.within_s = 61; }));
  EXPECT_TRUE(changed([](HoldTerms& t) { t.escalate_to = {}; }));
  EXPECT_FALSE(changed([](HoldTerms& t) { t.escalate_to = {"c", "d"}; }));
}

std::string hold(const std::string& roles) {
  return "  - {id: h, when: {server: s}, then: {hold: {roles: " + roles + "}}}\n";
}

TEST(Narrowing, AHoldIsKeptOrMadeADenial) {
  const std::string any = allow("tool: \"**\"");
  const ComparableSet parent = load(any + hold("[a, b]"));
  EXPECT_EQ(is_narrower(load(any + hold("[a, b]")), parent), Narrower::kYes);
  EXPECT_EQ(is_narrower(load(any + hold("[a]")), parent), Narrower::kYes);
  EXPECT_EQ(is_narrower(load(any + hold("[a, c]")), parent), Narrower::kUnknown);
  EXPECT_EQ(is_narrower(load(any + deny("server: s")), parent), Narrower::kYes);
  EXPECT_EQ(is_narrower(load(any), parent), Narrower::kNo);
  // A hold permits by itself, where the parent must permit, too.
  EXPECT_EQ(is_narrower(load(any + hold("[a]")), load(allow("tool: a"))), Narrower::kNo);
  EXPECT_EQ(is_narrower(load(any + hold("[a]")), load(any + deny("server: s"))), Narrower::kNo);
  // An earlier hold of the child could be the one that is named.
  const std::string laxer = "  - {id: g, when: {tool: t}, then: {hold: {roles: [a, b, c]}}}\n";
  EXPECT_EQ(is_narrower(load(any + laxer + hold("[a]")), parent), Narrower::kUnknown);
}

}  // namespace
}  // namespace pawl::rules
