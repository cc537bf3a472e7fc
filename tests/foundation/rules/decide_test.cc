// What rules mean: order, absence, doubt, negation, arguments.
#include <gtest/gtest.h>

#include <string>

#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

std::shared_ptr<const RuleSet> load(const std::string& text) {
  auto set = RuleSet::load({{"f", text}});
  EXPECT_TRUE(set) << (set ? "" : set.error().message) << "\n" << text;
  return set ? *set : RuleSet::empty();
}

struct Call {
  Facts facts;
  json::Value arguments;
  std::vector<std::string> groups;
  explicit Call(const char* arguments_text = nullptr) {
    facts.agent = "triage";
    facts.server = "files";
    facts.verb = "tool.call";
    facts.tool = "read";
    if (arguments_text != nullptr) {
      Result<json::Parsed> parsed = json::parse(arguments_text);
      EXPECT_TRUE(parsed) << arguments_text;
      arguments = parsed->value;
      facts.arguments = &arguments;
    }
  }
};

TEST(Decide, NothingIsAllowedWithoutARule) {
  const Call call("{}");
  for (const auto& set : {RuleSet::empty(), load("rules: []"), *RuleSet::load({})}) {
    const Decision decision = set->decide(call.facts, 0);
    EXPECT_EQ(decision.effect, Effect::kDeny);
    EXPECT_EQ(decision.rule, nullptr);
    EXPECT_FALSE(set->could_permit(call.facts, 0));
    EXPECT_FALSE(set->could_permit_any(call.facts, 0));
    EXPECT_EQ(set->nearest(call.facts, 0).rule, nullptr);
  }
}

TEST(Decide, DenyBeatsAllowAndTheFirstOfAKindIsNamed) {
  const auto set = load(R"(
rules:
  - {id: allow-1, when: {agent: triage}, then: allow}
  - {id: allow-2, when: {agent: "*"}, then: allow}
  - {id: watch, when: {tool: read}, then: deny, mode: observe, reason: r}
  - {id: deny-1, when: {tool: [write, "del*"]}, then: deny, reason: r}
  - {id: deny-2, when: {tool: write}, then: deny, reason: r}
)");
  Call call;
  Decision decision = set->decide(call.facts, 0);
  EXPECT_EQ(decision.rule->id, "allow-1");
  EXPECT_EQ(decision.would->id, "watch");
  call.facts.tool = "write";
  decision = set->decide(call.facts, 0);
  EXPECT_EQ(decision.effect, Effect::kDeny);
  EXPECT_EQ(decision.rule->id, "deny-1");
  EXPECT_EQ(decision.would, nullptr);
}

// `when` of an allow and of a deny rule against the same arguments.
struct ArgumentCase {
  const char* name;
  const char* when;
  const char* arguments;  // nullptr: none at all
  bool allow_matches;
  bool deny_matches;
};

TEST(Decide, AbsentEmptyAndWildcardAreThreeThings) {
  constexpr bool kYes = true;
  constexpr bool kNo = false;
  const ArgumentCase cases[] = {
      {"equal", "arguments: {path: a}", R"({"path":"a"})", kYes, kYes},
      {"other", "arguments: {path: a}", R"({"path":"b"})", kNo, kNo},
      {"absent", "arguments: {path: a}", R"({})", kNo, kNo},
      {"no arguments", "arguments: {path: a}", nullptr, kNo, kNo},
      {"empty text is a value", "arguments: {path: \"\"}", R"({"path":""})", kYes, kYes},
      {"empty text is not absent", "arguments: {path: {exists: false}}", R"({"path":""})", kNo,
       kNo},
      {"null is not absent", "arguments: {path: {exists: true}}", R"({"path":null})", kYes, kYes},
      {"null", "arguments: {path: {equals: null}}", R"({"path":null})", kYes, kYes},
      {"null is asked, absent is found", "arguments: {path: {equals: null}}", R"({})", kNo, kNo},
      {"wildcard asks for presence", "arguments: {path: {glob: \"**\"}}", R"({})", kNo, kNo},
      {"absence stated", "arguments: {path: {exists: false}}", R"({})", kYes, kYes},
      {"absence stated without arguments", "arguments: {path: {exists: false}}", nullptr, kYes,
       kYes},
      {"not over another", "not: {arguments: {env: prod}}", R"({"env":"dev"})", kYes, kYes},
      {"not over the same", "not: {arguments: {env: prod}}", R"({"env":"prod"})", kNo, kNo},
      {"not over absent never allows", "not: {arguments: {env: prod}}", R"({})", kNo, kYes},
      {"not over absent, absence stated",
       "any: [{arguments: {env: {exists: false}}}, {not: {arguments: {env: prod}}}]", R"({})", kYes,
       kYes},
      {"not not over absent", "not: {not: {arguments: {env: prod}}}", R"({})", kNo, kNo},
      {"not over an absent name", "not: {resource: \"x\"}", R"({})", kNo, kYes},
      {"any has another way", "any: [{arguments: {env: prod}}, {agent: triage}]", R"({})", kYes,
       kYes},
      {"the whole is empty", "arguments: {\"\": {size: {max: 0}}}", R"({})", kYes, kYes},
      {"the whole is absent", "arguments: {\"\": {size: {max: 0}}}", nullptr, kNo, kNo},
      {"the whole is not empty", "arguments: {\"\": {size: {max: 0}}}", R"({"a":1})", kNo, kNo},
  };
  for (const ArgumentCase& c : cases) {
    const Call call(c.arguments);
    const std::string rule = std::string("rules: [{id: a, when: {") + c.when + "}, then: ";
    EXPECT_EQ(load(rule + "allow}]")->decide(call.facts, 0).rule != nullptr, c.allow_matches)
        << c.name << ", allow";
    EXPECT_EQ(load(rule + "deny, reason: r}]")->decide(call.facts, 0).rule != nullptr,
              c.deny_matches)
        << c.name << ", deny";
  }
}

TEST(Decide, ReadsArguments) {
  const ArgumentCase cases[] = {
      {"number by value", "arguments: {n: 100}", R"({"n":1e2})", true, true},
      {"number is not text", "arguments: {n: 5}", R"({"n":"5"})", false, false},
      {"quoted number is text", "arguments: {n: \"5\"}", R"({"n":"5"})", true, true},
      {"boolean", "arguments: {n: true}", R"({"n":true})", true, true},
      {"nested", "arguments: {a.b.1: x}", R"({"a":{"b":["w","x"]}})", true, true},
      {"pointer", "arguments: {/a.b~1c/0: x}", R"({"a.b/c":["x"]})", true, true},
      {"index with zero in front", "arguments: {a.01: x}", R"({"a":["w","x"]})", false, false},
      {"key that looks like an index", "arguments: {a.1: x}", R"({"a":{"1":"x"}})", true, true},
      {"equals a list", "arguments: {a: {equals: [1, x]}}", R"({"a":[1.0,"x"]})", true, true},
      {"equals a list, exact text", "arguments: {a: {equals: \"*\"}}", R"({"a":"b"})", false,
       false},
      {"in", "arguments: {a: {in: [1, x, null]}}", R"({"a":null})", true, true},
      {"not in", "arguments: {a: {in: [1, x]}}", R"({"a":2})", false, false},
      {"glob", "arguments: {a: {glob: \"/srv/**\"}}", R"({"a":"/srv/x"})", true, true},
      {"globs", "arguments: {a: {glob: [\"/x/*\", \"/srv/*\"]}}", R"({"a":"/srv/x"})", true, true},
      {"climbing path is undecidable", "arguments: {a: {glob: \"/srv/**\"}}",
       R"({"a":"/srv/../etc/passwd"})", false, true},
      {"climbing path, other folder", "arguments: {a: {glob: \"/etc/**\"}}",
       R"({"a":"/srv/../etc/passwd"})", false, true},
      {"any text fits **", "arguments: {a: {glob: \"**\"}}", R"({"a":".."})", true, true},
      {"glob over a list is undecidable", "arguments: {a: {glob: \"/etc/**\"}}",
       R"({"a":["/etc/passwd"]})", false, true},
      {"not glob over a list", "not: {arguments: {a: {glob: \"/etc/**\"}}}",
       R"({"a":["/etc/passwd"]})", false, true},
      {"regex is of the whole", "arguments: {a: {matches: \"[a-z]+\"}}", R"({"a":"abc1"})", false,
       false},
      {"regex", "arguments: {a: {matches: \"[a-z]+[0-9]\"}}", R"({"a":"abc1"})", true, true},
      {"regex over a number", "arguments: {a: {matches: \"[0-9]+\"}}", R"({"a":1})", false, true},
      {"range", "arguments: {a: {range: {gt: 0.1, lte: 0.3}}}", R"({"a":0.3})", true, true},
      {"range is open", "arguments: {a: {range: {gt: 0.1}}}", R"({"a":0.1})", false, false},
      {"range is exact", "arguments: {a: {range: {lt: 9007199254740993}}}",
       R"({"a":9007199254740992})", true, true},
      {"range over text is undecidable", "arguments: {a: {range: {gt: 100}}}", R"({"a":"1000"})",
       false, true},
      {"size in characters", "arguments: {a: {size: {max: 2}}}", R"({"a":"\u00e4\u00f6"})", true,
       true},
      {"size of a list", "arguments: {a: {size: {min: 2, max: 2}}}", R"({"a":[1,2]})", true, true},
      {"size of an object", "arguments: {a: {size: {min: 2}}}", R"({"a":{"x":1}})", false, false},
      {"size of a number is undecidable", "arguments: {a: {size: {min: 2}}}", R"({"a":22})", false,
       true},
      {"schema",
       "arguments: {\"\": {schema: {required: [a], additionalProperties: false, "
       "properties: {a: {type: integer}}}}}",
       R"({"a":1})", true, true},
      {"schema fails", "arguments: {\"\": {schema: {additionalProperties: false}}}", R"({"a":1})",
       false, false},
      {"schema without end is undecidable", "arguments: {a: {schema: {$ref: \"#\"}}}", R"({"a":1})",
       false, true},
      {"all operators of a map", "arguments: {a: {glob: \"/srv/*\", size: {max: 3}}}",
       R"({"a":"/srv/x"})", false, false},
  };
  for (const ArgumentCase& c : cases) {
    const Call call(c.arguments);
    const std::string rule = std::string("rules: [{id: a, when: {") + c.when + "}, then: ";
    EXPECT_EQ(load(rule + "allow}]")->decide(call.facts, 0).rule != nullptr, c.allow_matches)
        << c.name << ", allow";
    EXPECT_EQ(load(rule + "deny, reason: r}]")->decide(call.facts, 0).rule != nullptr,
              c.deny_matches)
        << c.name << ", deny";
  }
}

TEST(Decide, ReadsNamesAndGroups) {
  struct {
    const char* name;
    const char* when;
    bool matches;
  } const cases[] = {
      {"group", "group: ops", true},
      {"one of several groups", "group: [staff, dev]", true},
      {"no such group", "group: admin", false},
      {"not in a group", "not: {group: admin}", true},
      {"group glob", "group: \"o*\"", true},
      {"verb glob", "verb: \"tool.*\"", true},
      {"all facts", "agent: triage, server: files, verb: tool.call, tool: read", true},
      {"one fact off", "agent: triage, server: mail", false},
      {"absent fact", "on_behalf_of: \"**\"", false},
      {"absence stated", "on_behalf_of: {exists: false}", true},
      {"literal star", "tool: {equals: \"*\"}", false},
      {"mixed list", "tool: [write, {matches: \"r.*d\"}]", true},
      {"all", "all: [{tool: read}, {agent: triage}]", true},
      {"not any", "not: {any: [{tool: write}, {tool: \"del*\"}]}", true},
  };
  Call call;
  call.groups = {"ops", "dev"};
  call.facts.groups = &call.groups;
  for (const auto& c : cases) {
    const auto set = load(std::string("rules: [{id: a, when: {") + c.when + "}, then: allow}]");
    EXPECT_EQ(set->decide(call.facts, 0).effect == Effect::kAllow, c.matches) << c.name;
  }
}

TEST(Decide, ADeviousNameReachesEveryGlobDeny) {
  const auto set = load(R"(
rules:
  - {id: read, when: {verb: resource.read}, then: allow}
  - {id: no-etc, when: {resource: "file:///etc/**"}, then: deny, reason: r}
)");
  Call call;
  call.facts.tool = {};
  call.facts.verb = "resource.read";
  call.facts.resource = "file:///srv/a";
  EXPECT_EQ(set->decide(call.facts, 0).rule->id, "read");
  for (const char* uri : {"file:///srv/../etc/passwd", "file:///srv/%2e%2e/etc/passwd"}) {
    call.facts.resource = uri;
    EXPECT_EQ(set->decide(call.facts, 0).rule->id, "no-etc") << uri;
  }
}

TEST(Decide, ExpiryEndsARule) {
  const auto set = load(R"(
rules:
  - {id: a, when: {agent: triage}, then: allow, expires: 1970-01-02}
)");
  const Call call;
  EXPECT_EQ(set->decide(call.facts, 86399).effect, Effect::kAllow);
  EXPECT_EQ(set->decide(call.facts, 86400).effect, Effect::kDeny);
  EXPECT_FALSE(set->could_permit(call.facts, 86400));
  const Nearest nearest = set->nearest(call.facts, 86400);
  ASSERT_EQ(nearest.differences.size(), 1u);
  EXPECT_EQ(nearest.differences[0].what, "expires");
}

TEST(CouldPermit, LooksPastArgumentsButNotPastADenial) {
  const auto set = load(R"(
rules:
  - {id: read, when: {server: files, tool: read, arguments: {path: {glob: "/srv/**"}}}, then: allow}
  - {id: write, when: {server: files, tool: write}, then: allow}
  - {id: list, when: {server: files, tool: list}, then: allow}
  - {id: no-write, when: {tool: write}, then: deny, reason: r}
  - {id: some-list, when: {tool: list, not: {arguments: {a: 1}}}, then: deny, reason: r}
  - {id: not-dev, when: {server: dev}, then: deny, reason: r}
  - {id: dev, when: {server: dev}, then: allow}
)");
  Call call;
  struct {
    const char* tool;
    bool could;
  } const cases[] = {{"read", true}, {"write", false}, {"list", true}, {"other", false}};
  for (const auto& c : cases) {
    call.facts.tool = c.tool;
    EXPECT_EQ(set->could_permit(call.facts, 0), c.could) << c.tool;
  }
  call.facts.tool = {};
  EXPECT_TRUE(set->could_permit_any(call.facts, 0));
  call.facts.server = "dev";
  EXPECT_FALSE(set->could_permit_any(call.facts, 0));
  call.facts.server = "mail";
  EXPECT_FALSE(set->could_permit_any(call.facts, 0));
}

TEST(Nearest, NamesTheFewestChangesAndShowsNoContent) {
  const auto set = load(R"(
rules:
  - {id: far, when: {agent: other, server: mail, tool: send}, then: allow}
  - id: near
    when:
      server: files
      any:
        - {tool: [stat, "list*"], agent: other}
        - arguments: {path: {glob: "/srv/**"}}
    then: allow
  - {id: deny, when: {agent: other}, then: deny, reason: r}
)");
  const Call call(R"({"path":"secret content"})");
  const Nearest nearest = set->nearest(call.facts, 0);
  ASSERT_EQ(nearest.rule->id, "near");
  ASSERT_EQ(nearest.differences.size(), 1u);
  EXPECT_EQ(nearest.differences[0].what, "arguments.path");
  EXPECT_EQ(nearest.differences[0].expected, "glob \"/srv/**\"");
  EXPECT_EQ(nearest.differences[0].found, "a text of 14 characters");
  const auto all = set->explain(call.facts, 0);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].rule->id, "far");
  EXPECT_EQ(all[0].differences.size(), 3u);
  EXPECT_EQ(all[2].differences[0].found, "triage");
}

TEST(RuleSet, DigestFollowsMeaning) {
  const auto digest = [](const std::string& text) { return load(text)->digest(); };
  const std::string base = digest("rules: [{id: a, when: {tool: [x, y]}, then: allow}]");
  EXPECT_EQ(base.size(), 43u);
  EXPECT_EQ(base,
            digest("# comment\nrules:\n  - then: allow\n    when: {tool: ['y', x]}\n    id: a\n"));
  EXPECT_NE(base, digest("rules: [{id: a, when: {tool: [x, z]}, then: allow}]"));
  EXPECT_NE(base,
            digest("rules: [{id: a, when: {tool: [x, y]}, then: allow, expires: 2030-01-01}]"));
  EXPECT_NE(base, RuleSet::empty()->digest());
}

TEST(RuleSet, AtomsAreSharedNamedAndHeld) {
  const auto set = load(R"(
rules:
  - {id: a, when: {tool: read, arguments: {n: {range: {gte: 1}}}}, then: allow}
  - {id: b, when: {tool: read, arguments: {n: {range: {gte: 1.0}}, m: 2}}, then: allow}
)");
  const Call call(R"({"n":3})");
  const Decision decision = set->decide(call.facts, 0);
  ASSERT_EQ(decision.atoms.size(), 2u);
  EXPECT_EQ(set->atom_text(decision.atoms[0]), "tool is \"read\"");
  EXPECT_EQ(set->atom_text(decision.atoms[1]), "arguments.n range gte 1");
  EXPECT_EQ(set->atom_text(2), "arguments.m is 2");
  EXPECT_EQ(set->atom_text(3), "");
}

TEST(RuleSet, WarnsOfWhatCannotBeMeant) {
  const auto set = load(R"(
rules:
  - {id: verb, when: {verb: "tools.*"}, then: allow}
  - {id: fine, when: {verb: "tool.*"}, then: allow}
  - {id: other, when: {tool: drop, server: db, arguments: {a: 1}}, then: allow}
  - {id: deny, when: {tool: "d*"}, then: deny, reason: r}
  - {id: old, when: {tool: x}, then: allow, expires: 2020-01-01}
  - {id: one, when: {verb: tools.cal}, then: allow}
)");
  const auto now = set->warnings(1'800'000'000);
  ASSERT_EQ(now.size(), 3u);
  EXPECT_EQ(now[0], "f:3:5: rule verb: no verb fits glob \"tools.*\"");
  EXPECT_EQ(now[1], "f:7:5: rule old: has expired and matches nothing");
  EXPECT_EQ(now[2], "f:8:5: rule one: no verb is \"tools.cal\"");
  EXPECT_EQ(set->warnings().size(), 2u);
}

}  // namespace
}  // namespace pawl::rules
