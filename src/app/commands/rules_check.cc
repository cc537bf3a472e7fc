#include "app/commands/rules_check.h"

#include <ostream>

#include "app/api/rules_names.h"
#include "app/commands/rules_explain.h"
#include "app/commands/shown_text.h"
#include "foundation/rules/shadowed.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAccountBytes = 16u << 20;
constexpr std::size_t kShownConflicts = 20;

// Agents with keys of their own; a keystore that cannot be read names nobody.
Accounts accounts_of(Context& context, const Config& config) {
  const Result<std::string> text =
      read_file(context.files, DataFolder{config.data}.keys() + "/accounts.json", kMaxAccountBytes);
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
  for (const rules::Source& source : rules.sources) {
    const auto asked = rules::asked_names(source);
    if (!asked) {
      return fail(asked.error());
    }
    for (NameRemark& remark : unknown_names(*asked, known, rules.config)) {
      out.push_back(std::move(remark));
    }
  }
  return out;
}

// What was found out, and what was not.
struct Remarks {
  std::vector<std::string> warnings, notes;
  std::vector<std::string> undecided;  // ids of rules
  std::size_t pairs_undecided = 0;
};

void add_findings(const rules::ComparableSet& set, bool all, Remarks& out) {
  const rules::RuleFindings findings = rules::find_shadowed(set);
  std::size_t conflicts = 0;
  for (const rules::RuleFinding& one : findings.found) {
    if (rules::is_doubtful(one)) {
      out.warnings.push_back(rules::describe(one, set.rules()));
    } else if (all || ++conflicts <= kShownConflicts) {
      out.notes.push_back(rules::describe(one, set.rules()));
    }
  }
  if (conflicts > kShownConflicts) {
    out.notes.push_back(counted(conflicts - kShownConflicts, "more pair") +
                        " of rules that say contrary things (--json names them)");
  }
  for (const std::size_t rule : findings.undecided) {
    out.undecided.push_back(set.rules().rules()[rule].id);
  }
  out.pairs_undecided = findings.pairs_undecided;
}

void tell_json(Context& context, const LoadedRules& rules, const Remarks& remarks) {
  json::Object out{{"rules", rules.set->rules().size()}, {"digest", rules.set->digest()}};
  put_header(out, *rules.set);
  out["files"] = json::Array(rules.files.begin(), rules.files.end());
  out["warnings"] = json::Array(remarks.warnings.begin(), remarks.warnings.end());
  out["notes"] = json::Array(remarks.notes.begin(), remarks.notes.end());
  out["undecided"] = json::Array(remarks.undecided.begin(), remarks.undecided.end());
  out["pairs_undecided"] = remarks.pairs_undecided;
  context.io.out << json::print(out) << '\n';
}

void tell_people(Context& context, const LoadedRules& rules, const Remarks& remarks) {
  for (const std::string& warning : remarks.warnings) {
    context.io.out << "warning: " << shown_text(warning) << '\n';
  }
  for (const std::string& note : remarks.notes) {
    context.io.out << "note: " << shown_text(note) << '\n';
  }
  if (!remarks.undecided.empty()) {
    context.io.out << "not decided: whether " << counted(remarks.undecided.size(), "rule")
                   << " can be reached, the first is " << shown_text(remarks.undecided.front())
                   << '\n';
  }
  if (remarks.pairs_undecided > 0) {
    context.io.out << "not decided: whether " << counted(remarks.pairs_undecided, "pair")
                   << " of rules that say contrary things meet\n";
  }
  const std::size_t count = rules.set->rules().size();
  context.io.out << counted(count, "rule") << " in " << counted(rules.files.size(), "file") << ", "
                 << header_text(*rules.set) << "digest " << rules.set->digest() << '\n';
  if (count == 0) {
    context.io.out << "no rules: everything is refused\n";
  }
}

int check(Context& context, const std::vector<std::string>& given) {
  const Result<LoadedRules> rules = load_rules(context, given);
  const auto found =
      rules ? remarks(context, *rules) : Result<std::vector<NameRemark>>(fail(rules.error()));
  const Result<rules::ComparableSet> set =
      found ? rules::ComparableSet::load(rules->sources) : fail(found.error());
  if (!set) {
    const Code code = set.error().code;
    return report(context, set.error(),
                  code == Code::kMalformed || code == Code::kUnsupported ? kExitBad : kExitUnclear);
  }
  Remarks out;
  out.warnings = rules->set->warnings(context.clock.wall().seconds());
  add_findings(*set, context.io.json, out);
  for (const NameRemark& remark : *found) {
    (remark.doubtful ? out.warnings : out.notes).push_back(remark.text);
  }
  (context.io.json ? tell_json : tell_people)(context, *rules, out);
  return kExitGood;
}

}  // namespace

std::shared_ptr<std::vector<std::string>> add_rule_files(CLI::App& command) {
  auto files = std::make_shared<std::vector<std::string>>();
  command.add_option("files", *files, "Rule files (default: the configuration's)")
      ->type_name("FILE");
  return files;
}

void add_rules_check(CLI::App& group, Context& context) {
  CLI::App* command =
      add_command(group, "check",
                  "Do the rules load, and what is probably not meant: rules that are never reached "
                  "or contradict each other, names that nobody has",
                  {"pawl rules check", "pawl rules check rules.yaml --json"});
  auto files = add_rule_files(*command);
  on_run(*command, context, [&context, files] { return check(context, *files); });
}

}  // namespace pawl
