#include "app/commands/revoke_command.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <set>

#include "app/commands/local_http.h"
#include "app/commands/operator_signature.h"
#include "app/commands/revoked_target.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/rules/expiry.h"
#include "operators/override/revocation_wire.h"

namespace pawl {
namespace {

using override_::Revocation;
using override_::RevocationStatement;

struct RevokeFlags {
  std::string what, reason, since, key_file;
  bool lift = false;
};

Result<json::Value> ask(Context& context, const std::string& path, const json::Object& body) {
  const Result<DataFolder> folder = data_folder(context);
  return folder ? ask_daemon(context.files, *folder, DaemonListener::kOverride,
                             "/override/v1/" + path, body.empty() ? "" : json::print(body))
                : Result<json::Value>(fail(folder.error()));
}

// A refusal of the daemon is not the lack of one.
int told(Context& context, const Error& error) {
  return report(context, error, error.code == Code::kUpstreamUnavailable ? kExitUnclear : kExitBad);
}

Result<std::vector<Revocation>> in_force(Context& context) {
  const Result<json::Value> answer = ask(context, "revocations", {});
  if (!answer) {
    return fail(answer.error());
  }
  std::vector<Revocation> out;
  const json::Value* list = json::find(*answer, {"revocations"});
  for (const json::Value& item :
       list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
    Result<Revocation> revocation = override_::read_revocation(item);
    if (!revocation) {
      return fail(revocation.error());
    }
    out.push_back(*std::move(revocation));
  }
  return out;
}

void tell(std::ostream& out, const Revocation& one) {
  out << labelled("  revoked", shown_time(one.at.seconds()) + " by " + shown_text(one.by) + ": " +
                                   shown_text(one.reason))
      << (one.since_s ? labelled("  in doubt", "since " + shown_time(*one.since_s)) : "");
}

int list(Context& context) {
  const Result<std::vector<Revocation>> revocations = in_force(context);
  if (!revocations) {
    return told(context, revocations.error());
  }
  if (context.io.json) {
    json::Array out;
    for (const Revocation& one : *revocations) {
      out.emplace_back(override_::print_revocation(one));
    }
    context.io.out << json::print(json::Object{{"revocations", std::move(out)}}) << "\n";
    return kExitGood;
  }
  std::set<std::string> targets;
  for (const Revocation& one : *revocations) {
    if (!targets.insert(one.target).second) {
      continue;  // told below the first that names it
    }
    context.io.out << shown_text(one.target) << "\n";
    for (const Revocation& again : *revocations) {
      if (again.target == one.target) {
        tell(context.io.out, again);
      }
    }
  }
  const std::string all = counted(revocations->size(), "revocation");
  context.io.out << all
                 << (targets.size() == revocations->size()
                         ? ""
                         : " of " + counted(targets.size(), "target"))
                 << " in force\n";
  return kExitGood;
}

Result<json::Value> send(Context& context, const RevokeFlags& flags,
                         RevocationStatement statement) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<SigningKey> key =
      folder ? needed_operator_key(context, *folder, flags.key_file, "a revocation")
             : Result<SigningKey>(fail(folder.error()));
  Result<std::string> audience = key ? instance_of(context) : fail(key.error());
  if (!audience) {
    return fail(audience.error());
  }
  statement.reason = flags.reason;
  statement.audience = *std::move(audience);
  statement.id = Uuid::v7(context.clock.wall(), context.random);
  statement.iat = context.clock.wall().seconds();
  statement.exp = statement.iat + kStatementSeconds;
  const Result<std::string> token = override_::sign_revocation(statement, *key);
  if (!token) {
    return fail(token.error());
  }
  return ask(context, statement.lifts.empty() ? "revoke" : "restore", {{"statement", *token}});
}

int revoke(Context& context, const RevokeFlags& flags, const std::string& target) {
  RevocationStatement statement;
  statement.target = target;
  if (!flags.since.empty()) {
    statement.since_s = rules::parse_time(flags.since);
    if (!statement.since_s || *statement.since_s < 0) {
      return report(context, {Code::kInvalidParams,
                              "--since \"" + flags.since + "\": expected 2026-03-07T09:00:00Z"});
    }
  }
  const Result<json::Value> answer = send(context, flags, std::move(statement));
  if (!answer) {
    return told(context, answer.error());
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
    return kExitGood;
  }
  const json::Value* durable = json::find(*answer, {"durable"});
  context.io.out << "revoked " << shown_text(target) << "\n"
                 << "id      "
                 << json::find_string(*answer, {"revocation", "id"}).value_or("without id")
                 << "  (of the revocation; `pawl why` and `pawl ledger show` take it)\n";
  if (const auto doubt = json::find_string(*answer, {"doubt"})) {
    context.io.out << "warning " << shown_text(*doubt)
                   << "; the revocation is in force for whoever comes by that name\n";
  }
  if (durable == nullptr || !durable->is_bool() || !durable->get_bool()) {
    context.io.out << "warning it is in force, but survives a restart only once it is recorded: "
                   << shown_text(json::find_string(*answer, {"problem"}).value_or("")) << "\n";
  }
  return kExitGood;
}

int lift(Context& context, const RevokeFlags& flags, const std::string& target) {
  if (!override_::may_be_lifted(target)) {
    return report(context, {Code::kInvalidParams,
                            target + " stays revoked: a key, a certificate or a token that was "
                                     "stolen does not come back; use a new one"});
  }
  const Result<std::vector<Revocation>> revocations = in_force(context);
  if (!revocations) {
    return told(context, revocations.error());
  }
  std::vector<Uuid> ids;
  for (const Revocation& one : *revocations) {
    if (one.target == target) {
      ids.push_back(one.id);
    }
  }
  if (ids.empty()) {
    return report(context, {Code::kNotFound, "no revocation of " + target + " is in force"});
  }
  Result<json::Value> answer = fail(Code::kInternal, "nothing to lift");
  for (std::size_t from = 0; from < ids.size(); from += override_::kMaxLifts) {
    RevocationStatement statement;
    statement.target = target;
    const std::size_t to = std::min(ids.size(), from + override_::kMaxLifts);
    statement.lifts.assign(ids.begin() + static_cast<std::ptrdiff_t>(from),
                           ids.begin() + static_cast<std::ptrdiff_t>(to));
    answer = send(context, flags, std::move(statement));
    if (!answer) {
      return told(context, answer.error());
    }
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else {
    context.io.out << "lifted  " << shown_text(target) << " (" << counted(ids.size(), "revocation")
                   << ")\n";
  }
  return kExitGood;
}

int run(Context& context, const RevokeFlags& flags) {
  if (flags.what == "list") {
    return list(context);
  }
  if (flags.reason.empty()) {
    return report(context,
                  {Code::kInvalidParams, "--reason is missing: it stands in the ledger for good"});
  }
  const Result<std::string> target = revoked_target(context, flags.what);
  if (!target) {
    return report(context, target.error());
  }
  return flags.lift ? lift(context, flags, *target) : revoke(context, flags, *target);
}

}  // namespace

void add_revoke(CLI::App& root, Context& context) {
  CLI::App* command = add_command(
      root, "revoke", "Revoke an agent, a key, a certificate or a token, signed with your key",
      {"pawl revoke agent:triage --reason 'its key was stolen'",
       "pawl revoke key:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs --reason 'found in a log' "
       "--since 2026-03-07T09:00:00Z",
       "pawl revoke list", "pawl revoke agent:triage --lift --reason 'it has a new key'"});
  auto flags = std::make_shared<RevokeFlags>();
  command
      ->add_option("what", flags->what,
                   "agent:ID, user:ID, key:KID, key-file:FILE, certificate:FILE, token:ISSUER#ID; "
                   "or list, to see what is revoked")
      ->required();
  command->add_option("--reason", flags->reason, "Why, for those who are refused and the ledger");
  command->add_option("--since", flags->since, "What was done with it since then is in doubt")
      ->type_name("TIME");
  command->add_flag("--lift", flags->lift, "End the revocation of an agent or a user");
  command->add_option("--key-file", flags->key_file,
                      "Your operator key (default: DATA/operator.pem)");
  on_run(*command, context, [&context, flags] { return run(context, *flags); });
}

}  // namespace pawl
