#include "app/commands/rules_explain.h"

#include <boost/json/array.hpp>
#include <ostream>

#include "app/api/explained_rule.h"
#include "app/commands/shown_text.h"
#include "app/daemon/rule_files.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

struct Asked {
  std::string agent, on_behalf_of, server, tool, resource, arguments;
  std::string verb{kinds::kToolCall};
  std::vector<std::string> groups, args, rules;
};

// A value that reads as JSON is that value, everything else is text.
json::Value value_of(const std::string& text) {
  Result<json::Parsed> parsed = json::parse(text);
  return parsed ? std::move(parsed->value) : json::Value(text);
}

// "order.id=7" lays {"order": {"id": 7}} over the arguments.
Status lay_argument(json::Object& arguments, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return fail(Code::kInvalidParams,
                "--arg \"" + assignment + "\": expected PATH=VALUE, for example path=/tmp/a");
  }
  json::Object* at = &arguments;
  std::string path = assignment.substr(0, equals);
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.')) {
    json::Value& next = (*at)[path.substr(0, dot)];
    if (!next.is_object()) {
      next = json::Object{};
    }
    at = &next.get_object();
    path.erase(0, dot + 1);
  }
  (*at)[path] = value_of(assignment.substr(equals + 1));
  return {};
}

// No argument at all is not the same as an empty object.
Result<std::optional<json::Value>> arguments_of(const Asked& asked) {
  if (asked.arguments.empty() && asked.args.empty()) {
    return std::optional<json::Value>();
  }
  json::Object arguments;
  if (!asked.arguments.empty()) {
    Result<json::Parsed> parsed = json::parse(asked.arguments);
    if (!parsed || !parsed->value.is_object()) {
      return fail(Code::kInvalidParams,
                  "--arguments: expected a JSON object" +
                      (parsed ? std::string() : " (" + parsed.error().message + ")"));
    }
    arguments = std::move(parsed->value.get_object());
  }
  for (const std::string& assignment : asked.args) {
    if (Status laid = lay_argument(arguments, assignment); !laid) {
      return fail(laid.error());
    }
  }
  return std::optional<json::Value>(std::move(arguments));
}

std::string listed(const std::vector<std::string>& roles) {
  std::string out;
  for (const std::string& role : roles) {
    out += (out.empty() ? "" : ", ") + role;
  }
  return out.empty() ? "nobody" : out;
}

// "2 of approver, lead within 900 s, for 1 call; then admin"
std::string terms_text(const HoldTerms& terms) {
  return std::to_string(terms.of) + " of " + listed(terms.roles) + " within " +
         std::to_string(terms.within_s) + " s, for " + counted(terms.uses, "call") +
         (terms.escalate_to.empty() ? "" : "; then " + listed(terms.escalate_to));
}

void tell_json(std::ostream& out, const rules::RuleSet& set, const rules::Decision& decision,
               const std::vector<rules::Nearest>& all) {
  json::Array shown;
  for (const rules::Nearest& explained : all) {
    shown.push_back(explained_json(explained));
  }
  json::Object told{{"decision", rules::effect_name(decision.effect)},
                    {"rule", decision.rule != nullptr ? decision.rule->id : "default"}};
  if (decision.hold() != nullptr) {
    told["hold"] = print_hold_terms(*decision.hold());
  }
  put_obligations(told, decision);
  if (decision.would != nullptr) {
    told["would"] =
        std::string(rules::effect_name(decision.would->effect)) + " " + decision.would->id;
  }
  put_header(told, set);
  told["digest"] = set.digest();
  told["rules"] = std::move(shown);
  out << json::print(told) << '\n';
}

const char* match_text(const rules::Nearest& explained) {
  if (explained.in_doubt) {
    return " matches in doubt: it holds what another rule permits, and permits nothing";
  }
  return explained.differences.empty() ? " matches" : " does not match:";
}

void tell_people(std::ostream& out, const rules::RuleSet& set, const rules::Decision& decision,
                 const std::vector<rules::Nearest>& all) {
  out << rules::effect_name(decision.effect);
  if (decision.rule == nullptr) {
    out << ": no rule allows it\n";
  } else {
    out << " by rule " << shown_text(decision.rule->id) << " ("
        << shown_text(rule_place(*decision.rule)) << ")";
    out << (decision.rule->reason.empty() ? "" : ": " + shown_text(decision.rule->reason)) << '\n';
  }
  if (decision.hold() != nullptr) {
    out << "  asks " << shown_text(terms_text(*decision.hold())) << '\n';
  }
  if (!decision.obliged.empty()) {
    out << "  " << shown_text(obliged_words(decision)) << '\n';
  }
  if (decision.would != nullptr) {
    out << "  in observe mode, so passed over: " << rules::effect_name(decision.would->effect)
        << " rule " << shown_text(decision.would->id) << '\n';
  }
  out << "  rules: " << header_text(set) << "digest " << set.digest() << '\n';
  for (const rules::Nearest& explained : all) {
    out << "\n"
        << shown_text(explained.rule->id) << " (" << rules::effect_name(explained.rule->effect)
        << ", " << shown_text(rule_place(*explained.rule)) << ")" << match_text(explained) << '\n';
    for (const rules::Difference& difference : explained.differences) {
      out << "  " << shown_text(difference.what) << ": found " << shown_text(difference.found)
          << "; the rule says: " << shown_text(difference.expected) << '\n';
    }
  }
}

int explain(Context& context, Asked asked) {
  if (!kinds::is_known(asked.verb)) {
    return report(context, {Code::kInvalidParams, "--verb \"" + asked.verb +
                                                      "\": expected one of "
                                                      "docs/formats/records.md, for example "
                                                      "tool.call"});
  }
  const Result<LoadedRules> rules = load_rules(context, asked.rules);
  const auto arguments = arguments_of(asked);
  if (!rules || !arguments) {
    return report(context, rules ? arguments.error() : rules.error());
  }
  for (const AgentConfig& agent : rules->config.agents) {
    if (agent.id == asked.agent) {
      asked.groups.insert(asked.groups.end(), agent.groups.begin(), agent.groups.end());
    }
  }
  rules::Facts facts;
  facts.agent = asked.agent;
  facts.groups = &asked.groups;
  facts.on_behalf_of = asked.on_behalf_of;
  facts.server = asked.server;
  facts.verb = asked.verb;
  facts.tool = asked.tool;
  facts.resource = asked.resource;
  facts.arguments = *arguments ? &**arguments : nullptr;
  const std::int64_t now = context.clock.wall().seconds();
  const rules::Decision decision = rules->set->decide(facts, now);
  const std::vector<rules::Nearest> all = rules->set->explain(facts, now);
  (context.io.json ? tell_json : tell_people)(context.io.out, *rules->set, decision, all);
  return kExitGood;
}

}  // namespace

Result<LoadedRules> load_rules(const Context& context, const std::vector<std::string>& given) {
  Result<Config> config = configuration_without_secrets(context);
  if (!config && (given.empty() || !context.config_file.empty())) {
    return fail(config.error());
  }
  LoadedRules out;
  out.config = config ? *std::move(config) : Config{};
  out.files = given.empty() ? out.config.rules : given;
  if (out.files.empty() && out.config.file.empty()) {
    return fail(Code::kNotFound,
                "no rules to look at: give rule files, or a configuration with --config FILE");
  }
  Result<std::vector<rules::Source>> sources = read_rule_files(context.files, out.files);
  Result<std::shared_ptr<const rules::RuleSet>> set =
      sources ? rules::RuleSet::load(*sources) : fail(sources.error());
  if (!set) {
    return fail(set.error());
  }
  out.sources = *std::move(sources);
  out.set = *std::move(set);
  return out;
}

std::string header_text(const rules::RuleSet& set) {
  const rules::SetHeader* header = set.header();
  return header == nullptr ? "" : header->text() + " of " + shown_text(header->owner) + ", ";
}

void put_header(json::Object& out, const rules::RuleSet& set) {
  if (const rules::SetHeader* header = set.header()) {
    out[names::kPolicySet] = json::Object{{names::kSetName, header->name},
                                          {names::kSetOwner, header->owner},
                                          {names::kSetVersion, header->version}};
  }
}

void add_rules_explain(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "explain", "What the rules say to one call, the deciding rule first",
      {"pawl rules explain --agent triage --server files --tool read_text_file --arg "
       "path=/etc/hosts",
       "pawl rules explain --agent triage --server files --verb resource.read --resource "
       "file:///srv/a.md --json"});
  auto asked = std::make_shared<Asked>();
  command->add_option("--agent", asked->agent, "Agent; its configured groups are added")
      ->type_name("ID");
  command->add_option("--group", asked->groups, "A group of the agent; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--on-behalf-of", asked->on_behalf_of, "User")->type_name("ID");
  command->add_option("--server", asked->server, "Server")->type_name("NAME");
  command->add_option("--verb", asked->verb, "What is done (default tool.call)")->type_name("VERB");
  command->add_option("--tool", asked->tool, "Tool or prompt")->type_name("NAME");
  command->add_option("--resource", asked->resource, "Resource")->type_name("URI");
  command->add_option("--arg", asked->args, "An argument, a.b=VALUE (JSON or text); repeatable")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command->add_option("--arguments", asked->arguments, "All arguments")->type_name("JSON");
  command->add_option("--rules", asked->rules, "Rule files instead of the configuration's")
      ->type_name("FILE")
      ->allow_extra_args(false);
  on_run(*command, context, [&context, asked] { return explain(context, *asked); });
}

}  // namespace pawl
