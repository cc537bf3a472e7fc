#include "app/api/rules_answer.h"

#include <algorithm>
#include <charconv>

#include "app/api/explained_rule.h"
#include "app/api/rules_names.h"
#include "foundation/records/kinds.h"
#include "foundation/rules/shadowed.h"
#include "governance/policy/policy_control.h"

namespace pawl {
namespace {

constexpr std::size_t kMostRulesShown = 200, kMostProblems = 500, kMostAtoms = 200;

Result<json::Object> object_of(const std::string& body,
                               std::initializer_list<std::string_view> known) {
  Result<json::Parsed> parsed = json::parse(body);
  if (!parsed || !parsed->value.is_object()) {
    return fail(parsed ? Error{Code::kInvalidParams, "expected a JSON object"} : parsed.error());
  }
  for (const auto& member : parsed->value.get_object()) {
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end()) {
      return fail(Code::kInvalidParams, "no such member: " + std::string(member.key()));
    }
  }
  return std::move(parsed->value.get_object());
}

Result<std::vector<rules::Source>> files_of(const json::Value& value) {
  const Error wrong{Code::kInvalidParams,
                    "files: expected 1 to 32 objects {path, text}, at most 1 MiB in all"};
  const json::Array* list = value.if_array();
  if (list == nullptr || list->empty() || list->size() > kMostRuleFiles) {
    return fail(wrong);
  }
  std::vector<rules::Source> out;
  std::size_t bytes = 0;
  for (const json::Value& one : *list) {
    const auto path = json::find_string(one, {"path"});
    const auto text = json::find_string(one, {"text"});
    bytes += text ? text->size() : 0;
    if (!path || path->empty() || path->size() > 1024 || !text || bytes > kMostRuleBytes) {
      return fail(wrong);
    }
    out.push_back({std::string(*path), std::string(*text)});
  }
  return out;
}

// A member of the call; empty: not there.
Result<std::string> text_of(const json::Value& call, std::string_view name) {
  const json::Value* found = json::find(call, {name});
  if (found == nullptr || found->is_null()) {
    return std::string();
  }
  if (!found->is_string() || found->get_string().size() > 4096) {
    return fail(Code::kInvalidParams, "call." + std::string(name) + ": expected a text");
  }
  return std::string(found->get_string());
}

Status read_call(const json::Value& call, RuleTrial& out) {
  if (!call.is_object()) {
    return fail(Code::kInvalidParams,
                "call: expected {agent, on_behalf_of, server, verb, name, arguments}");
  }
  const std::pair<const char*, std::string*> texts[] = {{"agent", &out.agent},
                                                        {"on_behalf_of", &out.on_behalf_of},
                                                        {"server", &out.server},
                                                        {"verb", &out.verb},
                                                        {"name", &out.name}};
  for (const auto& [name, value] : texts) {
    Result<std::string> text = text_of(call, name);
    if (!text) {
      return fail(text.error());
    }
    *value = *std::move(text);
  }
  out.verb = out.verb.empty() ? std::string(kinds::kToolCall) : out.verb;
  if (!kinds::is_known(out.verb)) {
    return fail(Code::kInvalidParams,
                "call.verb: expected one of docs/formats/records.md, for example tool.call");
  }
  const json::Value* arguments = json::find(call, {"arguments"});
  if (arguments != nullptr && !arguments->is_null()) {
    if (!arguments->is_object()) {
      return fail(Code::kInvalidParams, "call.arguments: expected an object");
    }
    out.arguments = *arguments;
  }
  return {};
}

// What held, as far as it was looked at; then what keeps each rule from matching.
json::Array atoms_of(const rules::RuleSet& set, const rules::Decision& decision,
                     const std::vector<rules::Nearest>& all) {
  json::Array out;
  for (const std::uint32_t atom : decision.atoms) {
    if (out.size() < kMostAtoms) {
      out.emplace_back(json::Object{{"text", set.atom_text(atom)}, {"value", true}});
    }
  }
  for (const rules::Nearest& rule : all) {
    for (const rules::Difference& one : rule.differences) {
      if (out.size() < kMostAtoms) {
        out.emplace_back(json::Object{{"text", one.what + " " + one.expected},
                                      {"value", false},
                                      {"found", one.found},
                                      {"rule", rule.rule->id}});
      }
    }
  }
  return out;
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ':') {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

// "PATH:LINE:COLUMN: what" of one of these files.
json::Object problem_of(std::string_view text, const std::vector<rules::Source>& sources,
                        std::string_view severity) {
  json::Object out{{"path", ""}, {"line", 0}, {"column", 0}, {"severity", severity}};
  for (const rules::Source& source : sources) {
    std::string_view rest = text;
    if (!rest.starts_with(source.file + ":")) {
      continue;
    }
    rest.remove_prefix(source.file.size() + 1);
    const auto line = take_number(rest);
    const auto column = line ? take_number(rest) : std::nullopt;
    out["path"] = source.file;
    out["line"] = line.value_or(0);
    out["column"] = column.value_or(0);
    text = rest.starts_with(' ') ? rest.substr(1) : rest;
    break;
  }
  out["message"] = text;
  return out;
}

class Problems {
 public:
  explicit Problems(const std::vector<rules::Source>& sources) : sources_(sources) {}
  void add(std::string_view text, std::string_view severity) {
    if (list_.size() < kMostProblems) {
      list_.emplace_back(problem_of(text, sources_, severity));
    }
  }
  json::Array list_;

 private:
  const std::vector<rules::Source>& sources_;
};

void add_remarks(Problems& out, const std::vector<rules::Source>& sources, const KnownNames& known,
                 const Config& config) {
  for (const rules::Source& source : sources) {
    if (const auto asked = rules::asked_names(source)) {
      for (const NameRemark& remark : unknown_names(*asked, known, config)) {
        out.add(remark.text, remark.doubtful ? "warning" : "note");
      }
    }
  }
}

}  // namespace

Result<RuleTrial> read_trial(const std::string& body) {
  const Result<json::Object> given = object_of(body, {"files", "call"});
  if (!given) {
    return fail(given.error());
  }
  RuleTrial out;
  if (const json::Value* files = given->if_contains("files"); files && !files->is_null()) {
    Result<std::vector<rules::Source>> sources = files_of(*files);
    if (!sources) {
      return fail(sources.error());
    }
    out.sources = *std::move(sources);
  }
  const json::Value* call = given->if_contains("call");
  const Status read = read_call(call != nullptr ? *call : json::Value(nullptr), out);
  return read ? Result<RuleTrial>(std::move(out)) : fail(read.error());
}

Result<std::vector<rules::Source>> read_check(const std::string& body) {
  const Result<json::Object> given = object_of(body, {"files"});
  if (!given) {
    return fail(given.error());
  }
  const json::Value* files = given->if_contains("files");
  return files_of(files != nullptr ? *files : json::Value(nullptr));
}

Result<json::Object> try_call(const RuleTrial& trial,
                              std::shared_ptr<const rules::RuleSet> in_force,
                              const std::vector<std::string>& groups, std::int64_t now) {
  const Result<std::shared_ptr<const rules::RuleSet>> set =
      trial.sources ? rules::RuleSet::load(*trial.sources)
                    : Result<std::shared_ptr<const rules::RuleSet>>(std::move(in_force));
  if (!set) {
    return fail(set.error());
  }
  Caller caller;
  caller.agent = trial.agent;
  caller.groups = groups;
  caller.on_behalf_of = trial.on_behalf_of;
  rules::Facts facts = facts_of_name(caller, trial.server, trial.verb, trial.name);
  facts.arguments = trial.arguments ? &*trial.arguments : nullptr;
  const rules::Decision decision = (*set)->decide(facts, now);
  const std::vector<rules::Nearest> all = (*set)->explain(facts, now);
  json::Object out{{"decision", rules::effect_name(decision.effect)},
                   {"rule", decision.rule != nullptr ? decision.rule->id : "default"},
                   {"reason", decision.rule != nullptr ? decision.rule->reason : ""},
                   {"digest", (*set)->digest()}};
  if (decision.hold() != nullptr) {
    out["hold"] = print_hold_terms(*decision.hold());
  }
  put_obligations(out, decision);
  if (decision.would != nullptr) {
    out["would"] =
        std::string(rules::effect_name(decision.would->effect)) + " " + decision.would->id;
  }
  out["atoms"] = atoms_of(**set, decision, all);
  json::Array shown;
  for (const rules::Nearest& explained : all) {
    if (shown.size() < kMostRulesShown) {
      shown.emplace_back(explained_json(explained));
    }
  }
  out["rules_left_out"] = all.size() - shown.size();
  out["rules"] = std::move(shown);
  return out;
}

json::Object check_rules(const std::vector<rules::Source>& sources, const KnownNames& known,
                         const Config& config, std::int64_t now) {
  Problems problems(sources);
  json::Object out;
  out["digest"] = nullptr;
  if (const auto set = rules::RuleSet::load(sources); !set) {
    problems.add(set.error().message, "error");
  } else {
    out["digest"] = (*set)->digest();
    out["rules"] = (*set)->rules().size();
    for (const std::string& warning : (*set)->warnings(now)) {
      problems.add(warning, "warning");
    }
    add_remarks(problems, sources, known, config);
    if (const auto comparable = rules::ComparableSet::load(sources)) {
      const rules::RuleFindings findings = rules::find_shadowed(*comparable);
      for (const rules::RuleFinding& one : findings.found) {
        problems.add(rules::describe(one, comparable->rules()),
                     rules::is_doubtful(one) ? "warning" : "note");
      }
      out["undecided"] = findings.undecided.size() + findings.pairs_undecided;
    }
  }
  out["problems"] = std::move(problems.list_);
  return out;
}

}  // namespace pawl
