#include "foundation/rules/test_cases.h"

#include <array>
#include <utility>

#include "foundation/rules/expiry.h"
#include "foundation/rules/obligation.h"
#include "foundation/rules/suggest.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {
namespace {

struct TestCase {
  std::string name;
  std::string agent, on_behalf_of, server, verb, tool, resource;
  std::vector<std::string> groups;
  std::optional<json::Value> arguments;
  std::string expect;
  std::optional<std::string> rule;
  std::optional<std::int64_t> now;
  std::optional<Obligations> with;
};

std::string* text_member(TestCase& test, std::string_view key) {
  const std::array<std::pair<std::string_view, std::string*>, 8> members{{
      {"name", &test.name},
      {"agent", &test.agent},
      {"on_behalf_of", &test.on_behalf_of},
      {"server", &test.server},
      {"verb", &test.verb},
      {"tool", &test.tool},
      {"resource", &test.resource},
      {"expect", &test.expect},
  }};
  for (const auto& [name, member] : members) {
    if (name == key) {
      return member;
    }
  }
  return nullptr;
}

Status read_groups(const std::string& file, const Yaml& value, TestCase& test) {
  if (value.kind != Yaml::Kind::kList) {
    return fail_in(file, value, "expected a list of groups");
  }
  for (const Yaml& item : value.items) {
    if (item.kind != Yaml::Kind::kScalar || item.text.empty()) {
      return fail_in(file, item, "expected a group");
    }
    test.groups.push_back(item.text);
  }
  return {};
}

// What the call has to meet: exactly this, of all rules together; `none`: nothing.
Status read_with(const std::string& file, const Yaml& value, TestCase& test) {
  if (value.kind == Yaml::Kind::kScalar && value.text == "none") {
    test.with.emplace();
    return {};
  }
  if (value.kind != Yaml::Kind::kMap) {
    return fail_in(file, value, "expected none, or a map of redact, limit");
  }
  Result<Obligations> with = read_obligations(file, value);
  if (!with) {
    return fail(with.error());
  }
  test.with = *std::move(with);
  return {};
}

Status read_member(const std::string& file, const Yaml& key, const Yaml& value, TestCase& test) {
  if (key.text == "groups") {
    return read_groups(file, value, test);
  }
  if (key.text == "arguments") {
    Result<json::Value> arguments = to_json(file, value);
    if (!arguments) {
      return fail(arguments.error());
    }
    test.arguments = std::move(*arguments);
    return {};
  }
  if (key.text == "with") {
    return read_with(file, value, test);
  }
  if (value.kind != Yaml::Kind::kScalar || value.text.empty()) {
    return fail_in(file, value, "expected a text");
  }
  if (std::string* member = text_member(test, key.text)) {
    *member = value.text;
    return {};
  }
  if (key.text == "rule") {
    test.rule = value.text;
    return {};
  }
  if (key.text == "now") {
    test.now = parse_time(value.text);
    return test.now ? Status() : Status(fail_in(file, value, "expected a date or a date and time"));
  }
  return fail_in(
      file, key,
      unknown_key(key.text, {"name", "agent", "groups", "on_behalf_of", "server", "verb", "tool",
                             "resource", "arguments", "expect", "rule", "now", "with"}));
}

Result<TestCase> read_test(const std::string& file, const Yaml& node) {
  if (node.kind != Yaml::Kind::kMap) {
    return fail_in(file, node, "expected a test: a map with name, facts and expect");
  }
  TestCase test;
  for (const auto& [key, value] : node.members) {
    if (Status read = read_member(file, key, value, test); !read) {
      return fail(read.error());
    }
  }
  if (test.name.empty()) {
    return fail_in(file, node, "test without \"name\"");
  }
  if (test.expect != "allow" && test.expect != "hold" && test.expect != "deny") {
    const Yaml* expect = node.find("expect");
    return fail_in(file, expect ? *expect : node, "expected expect: allow, hold or deny");
  }
  return test;
}

TestResult run(const RuleSet& set, const TestCase& test, std::int64_t now) {
  Facts facts;
  facts.agent = test.agent;
  facts.groups = &test.groups;
  facts.on_behalf_of = test.on_behalf_of;
  facts.server = test.server;
  facts.verb = test.verb;
  facts.tool = test.tool;
  facts.resource = test.resource;
  facts.arguments = test.arguments ? &*test.arguments : nullptr;
  const Decision decision = set.decide(facts, test.now.value_or(now));
  const std::string effect(effect_name(decision.effect));
  const std::string rule = decision.rule ? decision.rule->id : "";
  TestResult result;
  result.name = test.name;
  const Obligations obliged = joined_obligations(decision.obliged);
  const bool as_obliged = !test.with || obliged == *test.with;
  result.passed = effect == test.expect && (!test.rule || rule == *test.rule) && as_obliged;
  result.found = effect + (rule.empty() ? " by default" : " by rule " + rule);
  if (!as_obliged) {
    result.found += " with " + json::print(print_obligations(obliged));
  }
  if (!result.passed) {
    result.found += "; expected " + test.expect + (test.rule ? " by rule " + *test.rule : "");
    result.found += as_obliged ? "" : " with " + json::print(print_obligations(*test.with));
  }
  return result;
}

}  // namespace

Result<std::vector<TestResult>> run_tests(const RuleSet& set, const Source& source,
                                          std::int64_t now) {
  const Result<Yaml> root = parse_yaml(source.file, source.text);
  if (!root) {
    return fail(root.error());
  }
  std::vector<TestResult> results;
  const Yaml* tests = root->find("tests");
  if (tests == nullptr) {
    return results;
  }
  if (tests->kind != Yaml::Kind::kList || tests->items.empty()) {
    return fail_in(source.file, *tests, "expected a list of at least one test");
  }
  for (const Yaml& node : tests->items) {
    Result<TestCase> test = read_test(source.file, node);
    if (!test) {
      return fail(test.error());
    }
    results.push_back(run(set, *test, now));
    results.back().at = {source.file, node.line, node.column};
  }
  return results;
}

}  // namespace pawl::rules
