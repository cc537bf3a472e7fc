#include "app/commands/keys_command.h"

#include <memory>
#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/operator_signature.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/daemon/record_keys.h"
#include "foundation/keys/compromise.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/rules/expiry.h"
#include "gateway/decisions.h"

namespace pawl {
namespace {

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

int tell(Context& context, const json::Value& answer) {
  std::ostream& out = context.io.out;
  if (context.io.json) {
    out << json::print(answer) << "\n";
    return kExitGood;
  }
  const json::Value* keys = json::find(answer, {"keys"});
  for (const json::Value& key :
       keys != nullptr && keys->is_array() ? keys->get_array() : json::Array()) {
    const json::Value* from = json::find(key, {"from"});
    const json::Value* until = json::find(key, {"until"});
    const json::Value* since = json::find(key, {"compromised_since"});
    const bool is_earlier = json::find(key, {"earlier_log"}) != nullptr;
    out << labelled(text_at(key, "state"),
                    shown_text(text_at(key, "kid")) +
                        (is_earlier ? ", of an earlier log"
                                    : ", from entry " + (from ? shown_value(*from) : "?")) +
                        (until != nullptr ? " until " + shown_value(*until) : "") +
                        (since != nullptr && since->is_int64()
                             ? "; suspect since " + shown_time(since->get_int64())
                             : ""));
  }
  if (const std::string next = text_at(answer, "next"); !next.empty()) {
    out << labelled("prepared", shown_text(next) + ", signs nothing yet");
  }
  return kExitGood;
}

Result<json::Value> ask(Context& context, const DataFolder& folder, const std::string& what,
                        const json::Object& body) {
  return ask_daemon(context.files, folder, DaemonListener::kControl, "/api/v1/keys" + what,
                    what.empty() ? "" : json::print(body));
}

// Of the files, without a daemon.
Result<json::Value> list_here(Context& context, const DataFolder& folder) {
  const Result<Keystore> keys = Keystore::open(context.files, folder.keys());
  if (!keys) {
    return fail(keys.error());
  }
  const Result<std::optional<ledger::Opened>> opened =
      ledger::newest_opened(context.files, folder.root);
  Result<Decisions> decisions =
      opened && *opened ? Decisions::read((*opened)->decisions) : Result<Decisions>(Decisions{});
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    decisions->apply(index, token);
    return true;
  };
  Status read = decisions ? ledger::walk(context.files, folder.root, visitor)
                          : Status(fail(decisions.error()));
  if (!read) {
    return fail(read.error());
  }
  json::Array list;
  for (const KeyValidity::Key& key : decisions->keys.all()) {
    list.push_back(shown_key(key, keys->instance_kid()));
  }
  json::Object out{{"in_use", keys->instance_kid()}, {"next", keys->next_kid()}};
  out["keys"] = std::move(list);
  return json::parse(json::print(out))->value;  // numbers as a daemon's answer has them
}

int list(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  Result<json::Value> answer =
      folder ? ask(context, *folder, "", {}) : Result<json::Value>(fail(folder.error()));
  if (!answer && folder && answer.error().code == Code::kUpstreamUnavailable) {
    answer = list_here(context, *folder);
  }
  return answer ? tell(context, *answer) : report(context, answer.error());
}

int change(Context& context, const std::string& what, const json::Object& body) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<json::Value> answer =
      folder ? ask(context, *folder, what, body) : Result<json::Value>(fail(folder.error()));
  if (!answer) {
    const bool is_down = answer.error().code == Code::kUpstreamUnavailable;
    return report(context, answer.error(), is_down || !folder ? kExitUnclear : kExitBad);
  }
  return tell(context, *answer);
}

struct CompromiseFlags {
  std::string kid, since, reason = "reported by the operator", key_file;
};

// The key that follows is in use already, or the daemon makes it now: the operator vouches for it.
Result<std::string> following_key(Context& context, const DataFolder& folder,
                                  const std::string& kid) {
  Result<json::Value> keys = ask(context, folder, "", {});
  if (keys && text_at(*keys, "in_use") == kid) {
    keys = ask(context, folder, "/prepare", {});
    return keys ? Result<std::string>(text_at(*keys, "next")) : fail(keys.error());
  }
  return keys ? Result<std::string>(text_at(*keys, "in_use")) : fail(keys.error());
}

Result<json::Value> report_compromise(Context& context, const DataFolder& folder,
                                      const CompromiseFlags& flags, std::int64_t since_s) {
  const Result<SigningKey> key =
      needed_operator_key(context, folder, flags.key_file, "a compromise");
  const Result<std::string> instance = key ? instance_of(context) : fail(key.error());
  const Result<std::string> next =
      instance ? following_key(context, folder, flags.kid) : fail(instance.error());
  if (!next) {
    return fail(next.error());
  }
  const std::int64_t now_s = context.clock.wall().seconds();
  const Result<std::string> statement = sign_compromise(
      {flags.kid, since_s, *next, flags.reason, *instance,
       Uuid::v7(context.clock.wall(), context.random), now_s, now_s + kStatementSeconds},
      *key);
  if (!statement) {
    return fail(statement.error());
  }
  return ask_daemon(context.files, folder, DaemonListener::kOverride, "/override/v1/compromised",
                    json::print(json::Object{{"statement", *statement}}));
}

int compromised(Context& context, const CompromiseFlags& flags) {
  const std::optional<std::int64_t> since = rules::parse_time(flags.since);
  if (!since || *since < 0) {
    return report(context, {Code::kInvalidParams,
                            "--since \"" + flags.since + "\": expected 2026-03-07T09:00:00Z"});
  }
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<json::Value> answer = report_compromise(context, *folder, flags, *since);
  return answer ? tell(context, *answer) : report(context, answer.error(), kExitBad);
}

}  // namespace

void add_keys(CLI::App& root, Context& context) {
  CLI::App* group = add_group(root, "keys", "See and change the keys that sign the records",
                              {"pawl keys list", "pawl keys rotate"});
  CLI::App* shown = add_command(*group, "list", "Which key signs, and which did before",
                                {"pawl keys list", "pawl keys list --json"});
  on_run(*shown, context, [&context] { return list(context); });
  CLI::App* rotate =
      add_command(*group, "rotate", "Go on with a new key; the old one signs nothing any more",
                  {"pawl keys rotate"});
  on_run(*rotate, context, [&context] { return change(context, "/rotate", {}); });
  CLI::App* retire = add_command(*group, "retire", "Retire a key that is valid and not in use",
                                 {"pawl keys retire TAMm-WnkXmdcRoARGXjt1QCqbLEC215dKeMzdIgldlI"});
  auto kid = std::make_shared<std::string>();
  retire->add_option("kid", *kid, "The key, as `pawl keys list` names it")->required();
  on_run(*retire, context, [&context, kid] { return change(context, "/retire", {{"kid", *kid}}); });
  CLI::App* stolen = add_command(
      *group, "compromised", "Report, signed, that somebody else may have had a key since a time",
      {"pawl keys compromised TAMm-WnkXmdcRoARGXjt1QCqbLEC215dKeMzdIgldlI "
       "--since 2026-03-07T09:00:00Z"});
  auto flags = std::make_shared<CompromiseFlags>();
  stolen->add_option("kid", flags->kid, "The key, as `pawl keys list` names it")->required();
  stolen->add_option("--since", flags->since, "What it signed since then is suspect")
      ->type_name("TIME")
      ->required();
  stolen->add_option("--reason", flags->reason, "What happened, for whoever reads it later");
  stolen->add_option("--key-file", flags->key_file,
                     "Your operator key (default: DATA/operator.pem)");
  on_run(*stolen, context, [&context, flags] { return compromised(context, *flags); });
}

}  // namespace pawl
