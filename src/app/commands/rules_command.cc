#include "app/commands/rules_command.h"

#include <ostream>

#include "app/commands/rules_check.h"
#include "app/commands/rules_diff.h"
#include "app/commands/rules_explain.h"
#include "app/commands/rules_reload.h"
#include "app/commands/rules_replay.h"
#include "app/commands/rules_sign.h"
#include "app/commands/rules_tokens.h"
#include "app/commands/shown_text.h"
#include "foundation/rules/test_cases.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxRuleBytes = 16u << 20;

void tell_test(Context& context, const rules::TestResult& test) {
  const std::string where = test.at.file + ":" + std::to_string(test.at.line);
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"name", test.name},
                                               {"at", where},
                                               {"passed", test.passed},
                                               {"found", test.found}})
                   << '\n';
    return;
  }
  context.io.out << (test.passed ? "pass  " : "FAIL  ") << shown_text(test.name);
  if (!test.passed) {
    context.io.out << " (" << shown_text(where) << "): " << shown_text(test.found);
  }
  context.io.out << '\n';
}

int run_rule_tests(Context& context, const std::vector<std::string>& given) {
  const Result<LoadedRules> rules = load_rules(context, given);
  if (!rules) {
    return report(context, rules.error());
  }
  std::size_t count = 0;
  std::size_t failures = 0;
  for (const std::string& file : rules->files) {
    const Result<std::string> text = read_file(context.files, file, kMaxRuleBytes);
    const auto results =
        text ? rules::run_tests(*rules->set, {file, *text}, context.clock.wall().seconds())
             : Result<std::vector<rules::TestResult>>(fail(text.error()));
    if (!results) {
      return report(context, results.error());
    }
    for (const rules::TestResult& test : *results) {
      ++count;
      failures += test.passed ? 0 : 1;
      tell_test(context, test);
    }
  }
  if (count == 0) {
    return report(context, {Code::kNotFound, "no `tests` in these files: nothing was shown"});
  }
  if (!context.io.json) {
    context.io.out << count - failures << " of " << counted(count, "test")
                   << (count == 1 ? " holds\n" : " hold\n");
  }
  return failures == 0 ? kExitGood : kExitBad;
}

}  // namespace

void add_rules(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "rules",
                "Check, explain, test, compare, replay, sign and reload rules; issue policy tokens",
                {"pawl rules check", "pawl rules test rules.yaml"});
  add_rules_check(*group, context);

  CLI::App* test_command = add_command(*group, "test", "Run the tests that stand beside the rules",
                                       {"pawl rules test", "pawl rules test rules.yaml"});
  auto tested = add_rule_files(*test_command);
  on_run(*test_command, context, [&context, tested] { return run_rule_tests(context, *tested); });

  add_rules_explain(*group, context);
  add_rules_diff(*group, context);
  add_rules_replay(*group, context);
  add_rules_sign(*group, context);
  add_rules_reload(*group, context);
  add_rules_tokens(*group, context);
}

}  // namespace pawl
