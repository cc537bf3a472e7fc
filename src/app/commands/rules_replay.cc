#include "app/commands/rules_replay.h"

#include <ostream>

#include "app/commands/record_lookup.h"
#include "app/commands/replayed_set.h"
#include "app/commands/rules_check.h"
#include "app/commands/rules_explain.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/daemon/kept_rules.h"
#include "app/daemon/rule_files.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"

namespace pawl {
namespace {

using Verdict = ReplayedSet::Verdict;

struct Asked {
  std::vector<std::string> was;
  std::uint64_t limit = 100;
  bool shows_undecidable = false;
};

struct Counts {
  std::uint64_t same = 0, differs = 0, undecidable = 0, not_ruled = 0, shown = 0;
};

std::string decided(rules::Effect effect, const std::string& rule) {
  return std::string(rules::effect_name(effect)) + (rule.empty() ? "" : " by " + rule);
}

std::string possible_text(const rules::PossibleRulings& now, const rules::RuleSet& set) {
  if (const auto only = now.only()) {
    return decided(*only, now.rule ? set.rules()[*now.rule].id : "");
  }
  std::string out;
  for (const rules::Effect effect :
       {rules::Effect::kAllow, rules::Effect::kHold, rules::Effect::kDeny}) {
    if (now.is_possible(effect)) {
      out += (out.empty() ? "" : " or ") + std::string(rules::effect_name(effect));
    }
  }
  return out;
}

json::Object said_json(const rules::PossibleRulings& now, const rules::RuleSet& set) {
  json::Array possible;
  for (const rules::Effect effect :
       {rules::Effect::kAllow, rules::Effect::kHold, rules::Effect::kDeny}) {
    if (now.is_possible(effect)) {
      possible.emplace_back(rules::effect_name(effect));
    }
  }
  json::Object out{{"then", std::move(possible)}};
  if (now.rule) {
    out["rule"] = set.rules()[*now.rule].id;
  }
  return out;
}

// " with {"redact":["/a"]}", where obligations differ; " with nothing more asked": none.
std::string with(const std::string& obliged) {
  return obliged.empty()   ? ""
         : obliged == "{}" ? " with nothing more asked"
                           : " with " + shown_text(obliged);
}

class Replay {
 public:
  Replay(Context& context, ReplayedSet set, const Asked& asked)
      : context_(context), set_(std::move(set)), asked_(asked) {}

  Status run(const std::string& root) {
    std::vector<std::uint64_t> logs = ledger::frozen_logs(context_.files, root);
    logs.push_back(0);
    for (const std::uint64_t log : logs) {
      const auto entry = [&](std::uint64_t index, std::string_view token) {
        see(log, index, token);
        return true;
      };
      const Status walked = ledger::walk(context_.files, log_root(root, log),
                                         {.entry = entry, .intent = {}, .checkpoint = {}});
      if (!walked) {
        return log == 0 ? walked : Status(fail_at("log " + std::to_string(log), walked.error()));
      }
    }
    return {};
  }

  int tell() {
    if (context_.io.json) {
      json::Object out{{"same", counts_.same},
                       {"differs", counts_.differs},
                       {"undecidable", counts_.undecidable},
                       {"not_ruled", counts_.not_ruled},
                       {"summed_up", reader_.summed_up()},
                       {"digest", set_.rules().digest()}};
      put_header(out, set_.rules());
      context_.io.out << json::print(out) << '\n';
    } else {
      tell_people();
    }
    return counts_.differs > 0 ? kExitBad : counts_.undecidable > 0 ? kExitUnclear : kExitGood;
  }

 private:
  void see(std::uint64_t log, std::uint64_t index, std::string_view token) {
    const std::optional<RuledCall> call = reader_.read(token);
    if (!call) {
      ++counts_.not_ruled;
      return;
    }
    const ReplayedSet::Judgement judged = set_.judge(*call);
    ++(judged.verdict == Verdict::kSame      ? counts_.same
       : judged.verdict == Verdict::kDiffers ? counts_.differs
                                             : counts_.undecidable);
    const bool is_asked = judged.verdict == Verdict::kDiffers ||
                          (judged.verdict == Verdict::kUndecidable && asked_.shows_undecidable);
    if (is_asked && counts_.shown < asked_.limit) {
      ++counts_.shown;
      show(log, index, *call, judged);
    }
  }

  void show(std::uint64_t log, std::uint64_t index, const RuledCall& call,
            const ReplayedSet::Judgement& judged) {
    const bool differs = judged.verdict == Verdict::kDiffers;
    if (context_.io.json) {
      json::Object out{{"verdict", differs ? "differs" : "undecidable"},
                       {"log", log},
                       {"index", index},
                       {"id", call.id},
                       {"at", shown_time(call.until)},
                       {"agent", call.agent},
                       {"server", call.server},
                       {"verb", call.verb}};
      const std::string& name = call.tool.empty() ? call.resource : call.tool;
      out[call.tool.empty() ? "resource" : "tool"] = name;
      out["was"] = json::Object{{"then", rules::effect_name(call.said)}, {"rule", call.rule}};
      out["now"] = said_json(judged.now, set_.rules());
      if (judged.was_obliged != judged.now_obliged) {
        out["was"].get_object()["allow"] = json::parse(judged.was_obliged)->value;
        out["now"].get_object()["allow"] = json::parse(judged.now_obliged)->value;
      }
      context_.io.out << json::print(out) << '\n';
      return;
    }
    const std::string& name = call.tool.empty() ? call.resource : call.tool;
    context_.io.out << (differs ? "differs      " : "undecidable  ") << index << "  "
                    << shown_time(call.until) << "  " << shown_text(call.verb) << "  "
                    << shown_text(call.agent) << " -> " << shown_text(call.server)
                    << (name.empty() ? "" : "/" + shown_text(name)) << ": was "
                    << shown_text(decided(call.said, call.rule)) << with(judged.was_obliged)
                    << ", now " << shown_text(possible_text(judged.now, set_.rules()))
                    << with(judged.now_obliged) << "  " << call.id << '\n';
  }

  void tell_people() {
    std::ostream& out = context_.io.out;
    const std::uint64_t asked =
        counts_.differs + (asked_.shows_undecidable ? counts_.undecidable : 0);
    if (asked > counts_.shown) {
      out << "(" << asked - counts_.shown << " more; --limit shows them)\n";
    }
    out << counts_.same << " the same, " << counts_.differs << " would differ, "
        << counts_.undecidable << " cannot be decided from the records\n"
        << counted(counts_.not_ruled, "record") << " without a decision of rules, "
        << counted(reader_.summed_up(), "refusal") << " only summed up\n"
        << "rules: " << header_text(set_.rules()) << "digest " << set_.rules().digest() << '\n';
  }

  Context& context_;
  ReplayedSet set_;
  const Asked& asked_;
  CallReader reader_;
  Counts counts_;
};

// Sets that may have decided: those of --was, of the configuration, and the one that is kept. One
// that does not load is none.
std::vector<rules::ComparableSet> sets_before(Context& context, const Asked& asked,
                                              const LoadedRules& rules, const DataFolder& folder) {
  std::vector<rules::ComparableSet> out;
  const auto add = [&out](const std::vector<rules::Source>& sources) {
    if (Result<rules::ComparableSet> set = rules::ComparableSet::load(sources)) {
      out.push_back(*std::move(set));
    }
  };
  for (const std::vector<std::string>& files : {asked.was, rules.config.rules}) {
    if (const auto sources = read_rule_files(context.files, files); sources && !files.empty()) {
      add(*sources);
    }
  }
  if (const auto kept = read_kept_rules(context.files, folder.rules_in_force()); kept && *kept) {
    add((*kept)->sources);
  }
  return out;
}

int replay(Context& context, const std::vector<std::string>& files, const Asked& asked) {
  const Result<LoadedRules> rules = load_rules(context, files);
  Result<rules::ComparableSet> set =
      rules ? rules::ComparableSet::load(rules->sources) : fail(rules.error());
  const Result<DataFolder> folder =
      set ? data_folder(context) : Result<DataFolder>(fail(set.error()));
  if (!folder) {
    return report(context, folder.error());
  }
  if (!asked.was.empty()) {
    if (const auto was = read_rule_files(context.files, asked.was); !was) {
      return report(context, was.error());
    }
  }
  Replay replayed(
      context, ReplayedSet(*std::move(set), sets_before(context, asked, *rules, *folder)), asked);
  if (const Status done = replayed.run(folder->root); !done) {
    return report(context, done.error());
  }
  return replayed.tell();
}

}  // namespace

void add_rules_replay(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "replay",
      "What a changed set would have said to the recorded calls; exits 0 if nothing differs, 1 if "
      "something does, 2 if the records do not hold enough to tell",
      {"pawl rules replay changed.yaml", "pawl rules replay changed.yaml --undecidable --json"});
  auto files = add_rule_files(*command);
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("--was", asked->was,
                   "Rule files that decided then (default: the configuration's, and the signed "
                   "set in force)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_option("--limit", asked->limit, "Show at most this many calls (default 100)")
      ->type_name("N");
  command->add_flag("--undecidable", asked->shows_undecidable,
                    "Show the calls that cannot be decided, too");
  on_run(*command, context, [&context, files, asked] { return replay(context, *files, *asked); });
}

}  // namespace pawl
