#include "app/commands/init_command.h"

#include <ostream>

#include "app/commands/key_sources.h"
#include "app/commands/operator_signature.h"
#include "app/commands/rule_signature.h"
#include "app/daemon/rule_files.h"
#include "foundation/keys/keystore.h"
#include "foundation/keys/operator_key.h"

namespace pawl {
namespace {

constexpr const char* kFirstConfig = R"(# Pawl: see docs/operations/configuration.md
listen: 127.0.0.1:7700
control: 127.0.0.1:7701                 # people; the override listener is one port up
data: ./pawl-data
domain: example.org                     # your trust domain
preset: standard                        # sets of rules are signed: pawl rules sign
mode: enforce                           # observe: record what would be denied, and let it pass
servers: {}
#  files: { command: [npx, -y, "@modelcontextprotocol/server-filesystem@2026.8.31", ./work] }
agents: {}
#  triage: { key: "${TRIAGE_KEY}", groups: [support] }
rules: [ ./rules.yaml ]
)";
constexpr const char* kFirstRules =
    R"(# Nothing is allowed until a rule says so: docs/formats/rules.md
# After a change: raise the version, pawl rules check, pawl rules sign, pawl rules reload.
set: { name: main, owner: operator, version: 1 }
rules: []
#  - id: triage-reads
#    when: { agent: triage, server: files, verb: tool.call, tool: read_text_file }
#    then: allow
#    reason: triage reads tickets
)";

struct InitFlags {
  std::string operator_name = "operator";
  std::string key_file;
};

// The file that is there stays; its name is durable also when the `init` that made it was killed.
Status keep(Context& context, const std::string& path) {
  if (const auto there = context.files.open(path, OpenMode::kRead); !there) {
    return fail(there.error());  // it could not be told whether it is there
  }
  context.io.out << "kept    " << path << "\n";
  return context.files.sync_directory(directory_of(path));
}

// Writes `text` unless the file exists; says what happened.
Status first(Context& context, const std::string& path, const char* text) {
  if (context.files.exists(path)) {
    return keep(context, path);
  }
  Status written = write_file(context.files, path, text);
  if (written) {
    context.io.out << "wrote   " << path << "\n";
  }
  return written;
}

Status write_first_files(Context& context) {
  if (!context.config_file.empty() || !context.data.empty()) {
    return {};
  }
  if (const Result<KeySources> keys = key_sources(context); !keys) {
    return fail(keys.error());  // of the pawl.yaml that is there, before anything is written
  }
  if (Status config = first(context, "pawl.yaml", kFirstConfig); !config) {
    return config;
  }
  return first(context, "rules.yaml", kFirstRules);
}

Result<SigningKey> operator_key(Context& context, const std::string& path) {
  if (context.files.exists(path)) {
    Result<SigningKey> key = load_operator_key(context.files, path);
    const Status durable = keep(context, path);
    return durable ? key : fail(durable.error());
  }
  Result<SigningKey> key = create_operator_key(context.files, path);
  if (key) {
    context.io.out << "wrote   " << path
                   << "  (your key: it signs resumes and wide stops; keep a copy off this "
                      "machine)\n";
  }
  return key;
}

// The first set of rules is signed by the first operator, where sets are signed: a start would
// refuse it otherwise. A set that was signed, or took force here, is nobody's first.
Status sign_first_rules(Context& context, const DataFolder& folder, const SigningKey& key) {
  if (config_path(context).empty() || context.files.exists(folder.ledger() + "/checkpoint") ||
      context.files.exists(folder.rules_in_force())) {
    return {};
  }
  const Result<LoadedRules> rules = load_rules(context, {});
  if (!rules || rules->config.rule_signatures != SignatureDemand::kRequired ||
      rules->set->header() == nullptr ||
      context.files.exists(signature_path(*rules->set->header()))) {
    return {};  // what is wrong with them, `pawl serve` says
  }
  const Result<std::string> instance = instance_of(context);
  const Result<SignedRules> made =
      instance ? sign_rules(context, *rules, folder, *instance, key) : fail(instance.error());
  if (made) {
    context.io.out << "signed  " << made->file << "\n";
  }
  return made ? Status{} : Status(fail(made.error()));
}

// Who makes an operator need not reach what holds the service's keys.
Result<Keystore> keystore(Context& context, const std::string& folder) {
  if (Keystore::names_held_keys(context.files, folder)) {
    return Keystore::open(context.files, folder);
  }
  const Result<KeySources> sources = key_sources(context);
  return sources ? Keystore::create(context.files, folder, context.random, *sources)
                 : Result<Keystore>(fail(sources.error()));
}

int init(Context& context, const InitFlags& flags) {
  if (Status files = write_first_files(context); !files) {
    return report(context, files.error(), kExitBad);
  }
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  if (Status made = make_durable_directory(context.files, folder->root); !made) {
    return report(context, made.error(), kExitBad);
  }
  Result<Keystore> keys = keystore(context, folder->keys());
  if (!keys) {
    return report(context, keys.error(), kExitBad);
  }
  const std::string path = flags.key_file.empty() ? folder->operator_key() : flags.key_file;
  const Result<SigningKey> key = operator_key(context, path);
  if (!key) {
    return report(context, key.error(), kExitBad);
  }
  if (Status enrolled = keys->enrol_operator(flags.operator_name, key->public_key(),
                                             {std::string(kSetRole), "operator"});
      !enrolled) {
    return report(context, enrolled.error(), kExitBad);
  }
  if (Status first_set = sign_first_rules(context, *folder, *key); !first_set) {
    return report(context, first_set.error(), kExitBad);
  }
  context.io.out << "keys    " << folder->keys() << "\n"
                 << "next    pawl serve, then pawl trust pin " << folder->root << "\n";
  return kExitGood;
}

}  // namespace

void add_init(CLI::App& root, Context& context) {
  CLI::App* command =
      add_command(root, "init", "Make keys, your operator key and a first configuration",
                  {"pawl init", "pawl init --operator ann --key-file ~/.config/pawl/operator.pem"});
  auto flags = std::make_shared<InitFlags>();
  command->add_option("--operator", flags->operator_name, "Name of the first operator");
  command->add_option("--key-file", flags->key_file,
                      "Where the operator's private key goes (default: DATA/operator.pem)");
  on_run(*command, context, [&context, flags] { return init(context, *flags); });
}

}  // namespace pawl
