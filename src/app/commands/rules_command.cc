#include "app/commands/rules_command.h"

#include <algorithm>
#include <ostream>

#include "app/commands/rules_explain.h"
#include "app/commands/rules_names.h"
#include "app/commands/rules_tokens.h"
#include "app/commands/shown_text.h"
#include "app/daemon/rule_files.h"
#include "foundation/rules/test_cases.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxRuleBytes = 16u << 20;

// Agents with keys of their own; a keystore that cannot be read names nobody.
Accounts accounts_of(Context& context, const Config& config) {
  const Result<std::string> text =
      read_file(context.files, DataFolder{config.data}.keys() + "/accounts.json", kMaxRuleBytes);
  Result<Accounts> accounts = text ? Accounts::parse(*text) : fail(text.error());
  return accounts ? *std::move(accounts) : Accounts{};
}

// Without a configuration there is nothing to compare with.
Result<std::vector<NameRemark>> remarks(Context& context, const LoadedRules& rules) {
  std::vector<NameRemark> out;
  if (rules.config.file.empty()) {
    return out;
  }
  const KnownNames known = known_names(rules.config, accounts_of(context, rules.config).agents);
  for (const std::string& file : rules.files) {
    const Result<std::string> text = read_file(context.files, file, kMaxRuleBytes);
    const auto asked = text ? rules::asked_names({file, *text})
                            : Result<std::vector<rules::AskedName>>(fail(text.error()));
    if (!asked) {
      return fail(asked.error());
    }
    for (NameRemark& remark : unknown_names(*asked, known, rules.config)) {
      out.push_back(std::move(remark));
    }
  }
  return out;
}

void tell_check(Context& context, const LoadedRules& rules,
                const std::vector<std::string>& warnings, const std::vector<std::string>& notes) {
  const std::size_t count = rules.set->rules().size();
  if (context.io.json) {
    json::Object out{{"rules", count}, {"digest", rules.set->digest()}};
    out["files"] = json::Array(rules.files.begin(), rules.files.end());
    out["warnings"] = json::Array(warnings.begin(), warnings.end());
    out["notes"] = json::Array(notes.begin(), notes.end());
    context.io.out << json::print(out) << '\n';
    return;
  }
  for (const std::string& warning : warnings) {
    context.io.out << "warning: " << shown_text(warning) << '\n';
  }
  for (const std::string& note : notes) {
    context.io.out << "note: " << shown_text(note) << '\n';
  }
  context.io.out << counted(count, "rule") << " in " << counted(rules.files.size(), "file")
                 << ", digest " << rules.set->digest() << '\n';
  if (count == 0) {
    context.io.out << "no rules: everything is refused\n";
  }
}

int check(Context& context, const std::vector<std::string>& given) {
  const Result<LoadedRules> rules = load_rules(context, given);
  const auto found =
      rules ? remarks(context, *rules) : Result<std::vector<NameRemark>>(fail(rules.error()));
  if (!found) {
    const Code code = found.error().code;
    return report(context, found.error(),
                  code == Code::kMalformed || code == Code::kUnsupported ? kExitBad : kExitUnclear);
  }
  std::vector<std::string> warnings = rules->set->warnings(context.clock.wall().seconds());
  std::vector<std::string> notes;
  for (const NameRemark& remark : *found) {
    (remark.doubtful ? warnings : notes).push_back(remark.text);
  }
  tell_check(context, *rules, warnings, notes);
  return kExitGood;
}

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
  CLI::App* group = add_group(root, "rules", "Check, explain and test rules; issue policy tokens",
                              {"pawl rules check", "pawl rules test rules.yaml"});
  const auto add_files = [](CLI::App* command) {
    auto files = std::make_shared<std::vector<std::string>>();
    command->add_option("files", *files, "Rule files (default: the configuration's)")
        ->type_name("FILE");
    return files;
  };
  CLI::App* check_command =
      add_command(*group, "check", "Do the rules load, and what is probably not meant",
                  {"pawl rules check", "pawl rules check rules.yaml --json"});
  auto checked = add_files(check_command);
  on_run(*check_command, context, [&context, checked] { return check(context, *checked); });

  CLI::App* test_command = add_command(*group, "test", "Run the tests that stand beside the rules",
                                       {"pawl rules test", "pawl rules test rules.yaml"});
  auto tested = add_files(test_command);
  on_run(*test_command, context, [&context, tested] { return run_rule_tests(context, *tested); });

  add_rules_explain(*group, context);
  add_rules_tokens(*group, context);
}

}  // namespace pawl
