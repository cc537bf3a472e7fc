#include "app/commands/resolve_command.h"

#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/operator_signature.h"
#include "app/commands/record_lookup.h"
#include "operators/override/resolution_wire.h"

namespace pawl {
namespace {

struct ResolveFlags {
  std::string record, found, reason, key_file;
};

Result<json::Value> resolve(Context& context, const DataFolder& folder, const Uuid& record,
                            const ResolveFlags& flags) {
  const Result<SigningKey> key =
      needed_operator_key(context, folder, flags.key_file, "a resolution");
  const Result<std::string> instance = key ? instance_of(context) : fail(key.error());
  if (!instance) {
    return fail(instance.error());
  }
  override_::Resolution said;
  said.record = record;
  said.found = *override_::parse_found(flags.found);
  said.reason = flags.reason;
  said.audience = *instance;
  said.id = Uuid::v7(context.clock.wall(), context.random);
  said.iat = context.clock.wall().seconds();
  said.exp = said.iat + kStatementSeconds;
  const Result<std::string> statement = override_::sign_resolution(said, *key);
  if (!statement) {
    return fail(statement.error());
  }
  return ask_daemon(context.files, folder, DaemonListener::kOverride, "/override/v1/resolve",
                    json::print(json::Object{{"statement", *statement}}));
}

int run(Context& context, const ResolveFlags& flags) {
  if (!override_::parse_found(flags.found)) {
    return report(context, {Code::kInvalidParams, "--found \"" + flags.found +
                                                      "\": expected happened, did-not-happen or "
                                                      "cannot-be-known"});
  }
  const Result<DataFolder> folder = data_folder(context);
  const Result<FoundRecord> record =
      folder ? find_record(context, flags.record) : fail(folder.error());
  if (!record) {
    return report(context, record.error());
  }
  const Result<json::Value> answer = resolve(context, *folder, record->row.id, flags);
  if (!answer) {
    return report(context, answer.error(), kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else {
    context.io.out << "resolved " << record->row.id.text() << ": " << flags.found
                   << "; its record stays unknown\n"
                   << "record   " << json::find_string(*answer, {"record"}).value_or("?") << "\n";
  }
  return kExitGood;
}

}  // namespace

void add_ledger_resolve(CLI::App& ledger, Context& context) {
  CLI::App* command = add_command(
      ledger, "resolve", "Say, signed, what became of a call whose outcome is unknown",
      {"pawl ledger resolve 17 --found happened --reason 'the ticket is there'",
       "pawl ledger resolve 17 --found cannot-be-known --reason 'the server keeps no log'"});
  auto flags = std::make_shared<ResolveFlags>();
  command->add_option("record", flags->record, "The call's record: its id, or its index")
      ->type_name("ID|INDEX")
      ->required();
  command->add_option("--found", flags->found, "happened, did-not-happen or cannot-be-known")
      ->required();
  command->add_option("--reason", flags->reason, "How you know, for whoever reads it later")
      ->required();
  command->add_option("--key-file", flags->key_file,
                      "Your operator key (default: DATA/operator.pem)");
  on_run(*command, context, [&context, flags] { return run(context, *flags); });
}

}  // namespace pawl
