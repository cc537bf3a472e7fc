#include "app/commands/rules_diff.h"

#include <array>
#include <ostream>

#include "app/commands/rules_explain.h"
#include "app/commands/shown_text.h"
#include "app/daemon/rule_files.h"
#include "foundation/rules/set_changes.h"

namespace pawl {
namespace {

using rules::Drift;

constexpr std::array<std::string_view, 4> kDrift = {"same", "narrows", "widens", "unknown"};
constexpr std::array<std::string_view, 4> kRuleWords = {
    "says the same in other words", "narrows", "widens", "cannot be told whether it widens"};
constexpr std::array<std::string_view, 4> kSetWords = {
    "it permits the same", "it permits less, and nothing more", "it permits more",
    "it cannot be told whether it permits more"};
constexpr std::array<std::string_view, 3> kKinds = {"added", "removed", "changed"};

template <class Words, class Value>
std::string_view word(const Words& words, Value value) {
  return words.at(static_cast<std::size_t>(value));
}

int exit_of(Drift drift) {
  return drift == Drift::kWidens ? kExitBad : drift == Drift::kUnknown ? kExitUnclear : kExitGood;
}

json::Array members_json(const std::vector<rules::MemberChange>& changed) {
  json::Array out;
  for (const rules::MemberChange& one : changed) {
    out.emplace_back(json::Object{{"member", one.member}, {"was", one.was}, {"now", one.now}});
  }
  return out;
}

void tell_json(std::ostream& out, const rules::SetChanges& changes, const rules::RuleSet& before,
               const rules::RuleSet& after) {
  json::Array changed;
  for (const rules::RuleChange& one : changes.rules) {
    changed.emplace_back(json::Object{{"change", word(kKinds, one.kind)},
                                      {"rule", one.id},
                                      {"at", one.at.file + ":" + std::to_string(one.at.line)},
                                      {"drift", word(kDrift, one.drift)},
                                      {"members", members_json(one.members)}});
  }
  out << json::print(json::Object{{"drift", word(kDrift, changes.drift)},
                                  {"header", members_json(changes.header)},
                                  {"rules", std::move(changed)},
                                  {"order_changed", changes.order},
                                  {"digest_was", before.digest()},
                                  {"digest_now", after.digest()}})
      << '\n';
}

void tell_members(std::ostream& out, const std::vector<rules::MemberChange>& changed) {
  const auto shown = [](const std::string& text) {
    return text.empty() ? std::string("(none)") : shown_text(text);
  };
  for (const rules::MemberChange& one : changed) {
    out << "    " << one.member << ": was " << shown(one.was) << "\n    "
        << std::string(one.member.size(), ' ') << "  now " << shown(one.now) << '\n';
  }
}

void tell_people(std::ostream& out, const rules::SetChanges& changes, const rules::RuleSet& before,
                 const rules::RuleSet& after) {
  if (!changes.header.empty()) {
    out << "header\n";
    tell_members(out, changes.header);
  }
  for (const rules::RuleChange& one : changes.rules) {
    out << word(kKinds, one.kind) << "  " << shown_text(one.id) << " (" << shown_text(one.at.file)
        << ":" << one.at.line << "): " << word(kRuleWords, one.drift) << '\n';
    tell_members(out, one.members);
  }
  if (changes.order) {
    out << "rules that stayed stand in another order: within one effect the first is named, and "
           "its "
           "terms count\n";
  }
  out << counted(changes.rules.size(), "rule")
      << (changes.rules.size() == 1 ? " differs" : " differ") << "; as a whole "
      << word(kSetWords, changes.drift) << '\n'
      << "was " << header_text(before) << "digest " << before.digest() << "\nnow "
      << header_text(after) << "digest " << after.digest() << '\n';
}

Result<rules::ComparableSet> load(const Context& context, const std::string& file) {
  const Result<std::vector<rules::Source>> sources = read_rule_files(context.files, {file});
  return sources ? rules::ComparableSet::load(*sources) : fail(sources.error());
}

int diff(Context& context, const std::string& old_file, const std::string& new_file) {
  const Result<rules::ComparableSet> before = load(context, old_file);
  const Result<rules::ComparableSet> after =
      before ? load(context, new_file) : fail(before.error());
  if (!after) {
    return report(context, after.error());
  }
  const rules::SetChanges changes = rules::set_changes(*before, *after);
  (context.io.json ? tell_json : tell_people)(context.io.out, changes, before->rules(),
                                              after->rules());
  return exit_of(changes.drift);
}

}  // namespace

void add_rules_diff(CLI::App& group, Context& context) {
  CLI::App* command = add_command(group, "diff",
                                  "What a changed set changes, and whether it permits more; exits "
                                  "0 if it permits nothing more, "
                                  "1 if it does, 2 if it cannot be told",
                                  {"pawl rules diff rules.yaml changed.yaml",
                                   "pawl rules diff rules.yaml changed.yaml --json"});
  const auto files = std::make_shared<std::array<std::string, 2>>();
  command->add_option("old", (*files)[0], "The rules as they are")->type_name("OLD")->required();
  command->add_option("new", (*files)[1], "The rules as they would be")
      ->type_name("NEW")
      ->required();
  on_run(*command, context, [&context, files] { return diff(context, (*files)[0], (*files)[1]); });
}

}  // namespace pawl
