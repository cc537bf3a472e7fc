#include "app/commands/stop_command.h"

#include <algorithm>
#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/operator_signature.h"
#include "app/commands/shown_text.h"
#include "foundation/keys/keystore.h"
#include "operators/override/override.h"
#include "operators/override/override_wire.h"

namespace pawl {
namespace {

struct StopFlags {
  std::string scope;
  std::string reason;
  std::string key_file;
};

Result<std::string> signed_statement(Context& context, override_::Verb verb,
                                     const override_::Scope& scope, std::vector<Uuid> stops,
                                     const std::string& reason, const SigningKey& key) {
  Result<std::string> audience = instance_of(context);
  if (!audience) {
    return fail(audience.error());
  }
  override_::Statement statement;
  statement.verb = verb;
  statement.scope = scope;
  statement.stops = std::move(stops);
  statement.reason = reason;
  statement.audience = *std::move(audience);
  statement.id = Uuid::v7(context.clock.wall(), context.random);
  statement.iat = context.clock.wall().seconds();
  statement.exp = statement.iat + kStatementSeconds;
  return override_::sign_statement(statement, key);
}

Result<std::vector<override_::Stop>> stops_in_force(Context& context, const DataFolder& folder) {
  const Result<json::Value> answer =
      ask_daemon(context.files, folder, DaemonListener::kOverride, "/override/v1/stops", "");
  if (!answer) {
    return fail(answer.error());
  }
  std::vector<override_::Stop> out;
  const json::Value* list = json::find(*answer, {"stops"});
  for (const json::Value& item :
       list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
    Result<override_::Stop> stop = override_::read_stop(item);
    if (!stop) {
      return fail(stop.error());
    }
    out.push_back(*std::move(stop));
  }
  return out;
}

int stop(Context& context, const StopFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<override_::Scope> scope = override_::parse_scope(flags.scope);
  if (!folder || !scope) {
    return report(context, folder ? scope.error() : folder.error());
  }
  Result<std::optional<SigningKey>> key = operator_key_of(context, *folder, flags.key_file);
  if (!key && flags.key_file.empty() && !scope->wide()) {
    key = std::nullopt;  // a narrow stop needs no signature: a damaged key does not hinder it
  }
  if (!key) {
    return report(context, key.error());
  }
  json::Object body{{"scope", scope->text()}, {"reason", flags.reason}};
  if (*key) {
    const Result<std::string> statement =
        signed_statement(context, override_::Verb::kStop, *scope, {}, flags.reason, **key);
    if (!statement && scope->wide()) {
      return report(context, statement.error());
    }
    if (statement) {
      body = json::Object{{"statement", *statement}};
    }
  }
  const Result<json::Value> answer = ask_daemon(context.files, *folder, DaemonListener::kOverride,
                                                "/override/v1/stop", json::print(body));
  if (!answer) {
    return report(context, answer.error(), kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
    return kExitGood;
  }
  const json::Value* durable = json::find(*answer, {"durable"});
  context.io.out << "stopped " << shown_text(scope->text()) << "\n"
                 << "stop    " << json::find_string(*answer, {"stop", "id"}).value_or("without id")
                 << "\n";
  if (const auto doubt = json::find_string(*answer, {"doubt"})) {
    context.io.out << "warning " << shown_text(*doubt)
                   << "; the stop is in force for whoever comes by that name\n";
  }
  if (durable == nullptr || !durable->is_bool() || !durable->get_bool()) {
    context.io.out << "warning it is in force, but would not survive a restart: "
                   << shown_text(json::find_string(*answer, {"problem"}).value_or("")) << "\n";
  }
  return kExitGood;
}

// One statement lifts a bounded number of stops: as many statements as it takes. The last answer.
Result<json::Value> lift(Context& context, const DataFolder& folder, const override_::Scope& scope,
                         const std::vector<Uuid>& stops, const std::string& reason,
                         const SigningKey& key) {
  Result<json::Value> answer = fail(Code::kInternal, "nothing to lift");
  for (std::size_t from = 0; from < stops.size(); from += override_::kMaxLifts) {
    const std::size_t to = std::min(stops.size(), from + override_::kMaxLifts);
    const std::vector<Uuid> some(stops.begin() + static_cast<std::ptrdiff_t>(from),
                                 stops.begin() + static_cast<std::ptrdiff_t>(to));
    const Result<std::string> statement =
        signed_statement(context, override_::Verb::kResume, scope, some, reason, key);
    if (!statement) {
      return fail(statement.error());
    }
    answer = ask_daemon(context.files, folder, DaemonListener::kOverride, "/override/v1/resume",
                        json::print(json::Object{{"statement", *statement}}));
    if (!answer) {
      return answer;
    }
  }
  return answer;
}

int resume(Context& context, const StopFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<override_::Scope> scope = override_::parse_scope(flags.scope);
  if (!folder || !scope) {
    return report(context, folder ? scope.error() : folder.error());
  }
  const Result<SigningKey> key = needed_operator_key(context, *folder, flags.key_file, "a resume");
  if (!key) {
    return report(context, key.error());
  }
  const Result<std::vector<override_::Stop>> stops = stops_in_force(context, *folder);
  if (!stops) {
    return report(context, stops.error(), kExitBad);
  }
  std::vector<Uuid> lifted;
  for (const override_::Stop& in_force : *stops) {
    if (in_force.scope == *scope) {
      lifted.push_back(in_force.id);
    }
  }
  if (lifted.empty()) {
    return report(context, {Code::kNotFound, "no stop of " + scope->text() + " is in force"});
  }
  const Result<json::Value> answer = lift(context, *folder, *scope, lifted, flags.reason, *key);
  if (!answer) {
    return report(context, answer.error(), kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else {
    context.io.out << "resumed " << shown_text(scope->text()) << " ("
                   << counted(lifted.size(), "stop") << " lifted)\n";
  }
  return kExitGood;
}

void add(CLI::App& root, Context& context, const std::string& name, const std::string& what,
         const std::vector<std::string>& examples,
         int (*work)(Context& context, const StopFlags& flags)) {
  CLI::App* command = add_command(root, name, what, examples);
  auto flags = std::make_shared<StopFlags>();
  command
      ->add_option("scope", flags->scope,
                   "agent:ID, group:NAME, user:ID, workflow:UUID, server:NAME, "
                   "tool:SERVER/TOOL, trust-domain:NAME or all")
      ->required();
  command->add_option("--reason", flags->reason, "Why, for those who are refused");
  command->add_option("--key-file", flags->key_file,
                      "Your operator key (default: DATA/operator.pem)");
  on_run(*command, context, [&context, flags, work] { return work(context, *flags); });
}

}  // namespace

void add_stop(CLI::App& root, Context& context) {
  add(root, context, "stop", "Stop agents, servers or tools at once",
      {"pawl stop agent:triage --reason 'wrong folder'", "pawl stop tool:files/write_file",
       "pawl stop all"},
      &stop);
}

void add_resume(CLI::App& root, Context& context) {
  add(root, context, "resume", "Lift the stops of a scope, signed with your key",
      {"pawl resume agent:triage", "pawl resume all --key-file ~/.config/pawl/operator.pem"},
      &resume);
}

}  // namespace pawl
