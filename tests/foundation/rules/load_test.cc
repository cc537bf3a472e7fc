// What a rule file must not say, and where the message points.
#include <gtest/gtest.h>

#include <string>

#include "foundation/rules/expiry.h"
#include "foundation/rules/rules.h"

namespace pawl::rules {
namespace {

struct Case {
  const char* name;
  std::string text;
  const char* message;  // begins with this
};

// A rule whose `when` stands on line 3.
std::string with_when(const std::string& when) {
  return "rules:\n  - id: a\n    when: " + when + "\n    then: allow\n";
}

TEST(Load, NamesFileLineColumnAndWhatWasExpected) {
  const Case cases[] = {
      {"empty file", "", "f:1:1: expected a map with \"rules\""},
      {"no map", "- a\n", "f:1:1: expected a map with \"rules\""},
      {"no rules", "tests: []\n", "f:1:1: expected \"rules\""},
      {"rules not a list", "rules:\n  a: b\n", "f:2:3: expected a list of rules"},
      {"top-level key", "rulez: []\n", "f:1:1: unknown key \"rulez\"; did you mean \"rules\"?"},
      {"rule key", "rules:\n  - id: a\n    wen: {}\n",
       "f:3:5: unknown key \"wen\"; did you mean \"when\"?"},
      {"no id", "rules:\n  - when: {agent: a}\n    then: allow\n", "f:2:5: rule without \"id\""},
      {"no when", "rules:\n  - {id: a, then: allow}\n", "f:2:5: rule without \"when\""},
      {"no then", "rules:\n  - {id: a, when: {agent: a}}\n", "f:2:5: rule without \"then\""},
      {"bad id", "rules:\n  - id: A\n", "f:2:9: expected an id of 1 to 64"},
      {"bad then", "rules:\n  - {id: a, then: alow}\n",
       "f:2:19: expected allow, hold or deny; did you mean \"allow\"?"},
      {"bad mode", "rules:\n  - {id: a, mode: off}\n", "f:2:19: expected enforce or observe"},
      {"observe allow", "rules:\n  - {id: a, when: {agent: a}, then: allow, mode: observe}\n",
       "f:2:50: mode observe on an allow rule would do nothing"},
      {"deny without reason", "rules:\n  - {id: a, when: {agent: a}, then: deny}\n",
       "f:2:5: deny rule without \"reason\""},
      {"bad expires", "rules:\n  - {id: a, expires: 2026-02-30}\n", "f:2:22: expected a date"},
      {"duplicate id",
       "rules:\n  - {id: a, when: {agent: a}, then: allow}\n  - {id: a, when: {agent: b}, then: "
       "allow}\n",
       "f:3:5: id \"a\" stands already at f:2"},
      {"a quote that is missing",
       "rules:\n  - id: a\n    when: {agent: a}\n    then: allow\n    reason: \"fine\n  - id: b\n"
       "    when: {agent: b}\n    then: deny\n    reason: \"never\"\n",
       "f:5:13: a text that does not end on its line; is a quote missing?"},
      {"the same with one that is never closed", "rules:\n  - id: 'a\n", "f:"},
      {"plain text over two lines", "rules:\n  - id: a\n    reason: fine\n      and more\n",
       "f:3:13: a text that does not end on its line"},
      {"duplicate key", "rules:\n  - id: a\n    id: b\n", "f:3:5: key \"id\" stands twice"},
      {"empty when", with_when("{}"), "f:3:11: expected at least one condition"},
      {"null when", with_when(""), "f:3:5: expected at least one condition"},
      {"when key", with_when("{tol: a}"), "f:3:12: unknown key \"tol\"; did you mean \"tool\"?"},
      {"empty list", with_when("{tool: []}"), "f:3:18: an empty list matches nothing"},
      {"empty name", with_when("{tool: \"\"}"), "f:3:18: expected a name, not empty"},
      {"number as name", with_when("{tool: 5}"), "f:3:18: expected a name, in quotes"},
      {"null as name", with_when("{tool: }"), "f:3:12: expected a name"},
      {"two readings", with_when("{tool: yes}"), "f:3:18: \"yes\" can be read in two ways"},
      {"empty matcher", with_when("{tool: {}}"), "f:3:18: expected at least one of equals"},
      {"matcher key", with_when("{tool: {globb: a}}"),
       "f:3:19: unknown key \"globb\"; did you mean \"glob\"?"},
      {"range over a name", with_when("{tool: {range: {gt: 1}}}"), "f:3:19: unknown key \"range\""},
      {"empty in", with_when("{tool: {in: []}}"), "f:3:23: expected a list of at least one value"},
      {"empty glob list", with_when("{tool: {glob: []}}"), "f:3:25: expected at least one glob"},
      {"bad regex", with_when("{tool: {matches: \"a(\"}}"), "f:3:28: pattern: RE2 refuses it"},
      {"back reference", with_when("{tool: {matches: '(a)\\1'}}"),
       "f:3:28: pattern: RE2 refuses it"},
      {"regex bomb", with_when("{tool: {matches: '((a{900}){900}){900}'}}"),
       "f:3:28: pattern: RE2"},
      {"empty all", with_when("{all: []}"), "f:3:17: expected a list of at least one condition"},
      {"empty any", with_when("{any: []}"), "f:3:17: expected a list of at least one condition"},
      {"empty any member", with_when("{any: [{}]}"), "f:3:18: expected at least one condition"},
      {"empty not", with_when("{not: {}}"), "f:3:17: expected at least one condition"},
      {"empty arguments", with_when("{arguments: {}}"), "f:3:23: expected at least one argument"},
      {"bad path", with_when("{arguments: {a..b: 1}}"), "f:3:24: expected a path of names"},
      {"bare list", with_when("{arguments: {a: [1]}}"), "f:3:27: expected in: [...]"},
      {"bare null", with_when("{arguments: {a: }}"), "f:3:24: expected a value"},
      {"bare glob", with_when("{arguments: {a: /srv/**}}"), "f:3:27: a bare value is exact"},
      {"lossy number", with_when("{arguments: {a: 9007199254740993.5}}"),
       "f:3:27: number 9007199254740993.5 cannot be held exactly"},
      {"range key", with_when("{arguments: {a: {range: {above: 1}}}}"),
       "f:3:36: unknown key \"above\""},
      {"range of text", with_when("{arguments: {a: {range: {gt: \"1\"}}}}"),
       "f:3:40: expected a number"},
      {"empty range", with_when("{arguments: {a: {range: {gt: 2, lt: 2}}}}"),
       "f:3:35: no number lies in this range"},
      {"no range", with_when("{arguments: {a: {range: {}}}}"),
       "f:3:35: expected at least one of gt"},
      {"negative size", with_when("{arguments: {a: {size: {min: -1}}}}"),
       "f:3:40: expected a whole number"},
      {"size crossed", with_when("{arguments: {a: {size: {min: 3, max: 2}}}}"),
       "f:3:34: no size lies between these"},
      {"exists", with_when("{arguments: {a: {exists: maybe}}}"), "f:3:36: expected true or false"},
      {"schema keyword", with_when("{arguments: {a: {schema: {maxlength: 3}}}}"),
       "f:3:36: schema #/maxlength: keyword maxlength is not known"},
      {"anchor", "rules: &a []\n", "f:1:8: an anchor or alias"},
      {"alias", "rules: *a\n", "f:1:8: "},
      {"merge key", with_when("{<<: {agent: a}}"), "f:3:12: unknown key \"<<\""},
      {"tag", "rules: !!binary aa\n", "f:1:8: a tag"},
      {"second document", "rules: []\n---\nrules: []\n", "f:2:1: a second document"},
      {"map as key", "? {a: b}\n: c\n", "f:1:3: a list or map as a key"},
      {"syntax", "rules: [\n", "f:2:1: YAML: "},
      {"tab", "rules:\n\t- a\n", "f:2:2: YAML: "},
      {"NUL", std::string("rules:\n  - id: a\0", 17), "f:2:1: a NUL byte"},
      {"deep", "rules: " + std::string(40, '[') + std::string(40, ']'),
       "f:1:39: more than 32 levels"},
      {"deep and open", "rules: " + std::string(5000, '['), "f:1:"},
      {"deep maps", "rules: " + std::string(5000, '{'), "f:1:"},
      {"deep blocks",
       "rules:\n" +
           [] {
             std::string text;
             for (int i = 0; i < 400; ++i) {
               text += std::string(static_cast<std::size_t>(i) + 1, ' ') + "- \n";
             }
             return text;
           }(),
       "f:"},
      {"large", std::string(9'000'000, ' '), "f:1:1: more than 8 MiB"},
  };
  for (const Case& c : cases) {
    const auto loaded = RuleSet::load({{"f", c.text}});
    ASSERT_FALSE(loaded) << c.name;
    EXPECT_TRUE(loaded.error().message.starts_with(c.message))
        << c.name << ": " << loaded.error().message << "\n  expected " << c.message;
  }
}

TEST(Load, ASetLoadsWholeOrNotAtAll) {
  const Source good{"good", with_when("{agent: a}")};
  EXPECT_TRUE(RuleSet::load({good}));
  const auto both = RuleSet::load({good, {"bad", "rules:\n  - id: b\n"}});
  ASSERT_FALSE(both);
  EXPECT_TRUE(both.error().message.starts_with("bad:2:5: ")) << both.error().message;
  EXPECT_FALSE(RuleSet::load({good, {"again", good.text}}));
}

TEST(Load, AliasesCannotUnfold) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) {
      bomb += (i ? ",*" : "*") + before;
    }
    bomb += "]\n";
  }
  const auto loaded = RuleSet::load({{"f", bomb}});
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.starts_with("f:1:4: an anchor")) << loaded.error().message;
}

TEST(Load, ReadsWhenARuleEnds) {
  struct {
    const char* text;
    std::int64_t seconds;  // -1: refused
  } const cases[] = {
      {"1970-01-02", 86400},
      {"2026-03-07T09:00:00Z", 1772874000},
      {"2026-03-07T10:00:00+01:00", 1772874000},
      {"2026-03-07T09:00:00.999Z", 1772874000},
      {"2026-03-07T09:00:00", -1},
      {"2026-13-01", -1},
      {"2026-02-29", -1},
      {"2028-02-29", 1835395200},
      {"2026-3-7", -1},
      {"2026-03-07T24:00:00Z", -1},
      {"2026-03-07T09:00:00.Z", -1},
      {"", -1},
      {"2026-03-07T09:00:00Zx", -1},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(parse_time(c.text).value_or(-1), c.seconds) << c.text;
  }
}

}  // namespace
}  // namespace pawl::rules
