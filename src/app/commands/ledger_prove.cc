#include "app/commands/ledger_prove.h"

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "app/commands/cosigned_proof.h"
#include "app/commands/kept_file.h"
#include "app/commands/record_lookup.h"
#include "base/encoding.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

struct Asked {
  std::string record, base;
  std::string form = "tlog";
  bool force = false;
};

int failed(Context& context, const Error& error) {
  return report(context, error, error.code == Code::kBadSignature ? kExitBad : kExitUnclear);
}

using NewFile = std::pair<std::string, std::string>;  // path, content

Status write_all(Files& files, const std::vector<NewFile>& all, bool force) {
  for (const auto& [path, text] : all) {
    if (Status free = may_write(files, path, text, force); !free) {
      return free;
    }
  }
  for (const auto& [path, text] : all) {
    if (Status written = write_file(files, path, text); !written) {
      return written;
    }
  }
  return {};
}

// The log's own key must have signed the checkpoint: it signs the same root once more.
Status check_log_key(const ledger::TlogProof& proof, const ledger::TreeHead& head,
                     const SigningKey& log_key) {
  const Result<std::string> vkey = ledger::vkey_of(head.origin, log_key.public_key());
  const Result<ledger::VerifierKey> key =
      vkey ? ledger::VerifierKey::parse(*vkey) : fail(vkey.error());
  if (!key) {
    return fail(key.error());
  }
  return ledger::open_checkpoint(proof.checkpoint, *key)
             ? Status{}
             : Status(fail(Code::kUnsupported, "the keystore has another key than the log " +
                                                   head.origin + " was signed with"));
}

// A statement over the record, with the receipt that says what `proof_text` says.
Result<std::string> statement_of(Context& context, const DataFolder& folder,
                                 const FoundRecord& record, const std::string& proof_text) {
  const Result<Keystore> keys = Keystore::open(context.files, folder.keys());
  const Result<ledger::TlogProof> proof =
      keys ? ledger::parse_proof(proof_text) : fail(keys.error());
  const Result<ledger::TreeHead> head =
      proof ? ledger::read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (!head) {
    return fail(head.error());
  }
  if (Status same = check_log_key(*proof, *head, keys->log_key()); !same) {
    return fail(same.error());
  }
  const std::string subject = ledger::statement_subject(record.row.id.text());
  Result<std::string> receipt = ledger::make_cose_receipt(
      keys->log_key(), {head->origin, subject, head->size, proof->index, proof->path, head->root});
  if (!receipt) {
    return receipt;
  }
  return ledger::make_statement(
      keys->instance_key(),
      {std::string(json::find_string(record.jws.payload, {names::kClaimIss}).value_or("")),
       subject,
       keys->instance_kid(),
       record.jws.compact,
       {*std::move(receipt)}});
}

void tell(Context& context, const std::string& base, bool is_cose) {
  if (is_cose) {
    context.io.out << "wrote " << base << ".cose\n"
                   << "check it anywhere: pawl verify " << base << ".cose --trust FILE\n";
    return;
  }
  context.io.out << "wrote " << base << ".token and " << base << ".tlog-proof\n"
                 << "check it anywhere: pawl verify " << base << ".token --proof " << base
                 << ".tlog-proof --trust FILE\n";
}

int prove(Context& context, const Asked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<FoundRecord> record =
      folder ? find_record(context, folder->root, asked.record) : fail(folder.error());
  const Result<std::string> proof = record
                                        ? prove_by_policy(context, record->root, record->row.index)
                                        : Result<std::string>(fail(record.error()));
  if (!proof) {
    return failed(context, proof.error());
  }
  const bool is_cose = asked.form == "cose";
  const Result<std::string> statement =
      is_cose ? statement_of(context, *folder, *record, *proof) : std::string();
  if (!statement) {
    return failed(context, statement.error());
  }
  const std::string id = record->row.id.text();
  if (context.io.json) {
    json::Object out{{"index", record->row.index}, {"id", id}, {"token", record->jws.compact}};
    out[is_cose ? "statement" : "proof"] = is_cose ? base64_encode(*statement) : *proof;
    context.io.out << json::print(out) << '\n';
    if (asked.base.empty()) {
      return kExitGood;
    }
  }
  const std::string base = asked.base.empty() ? id : asked.base;
  const std::vector<NewFile> files =
      is_cose ? std::vector<NewFile>{{base + ".cose", *statement}}
              : std::vector<NewFile>{{base + ".token", record->jws.compact},
                                     {base + ".tlog-proof", *proof}};
  if (Status written = write_all(context.files, files, asked.force); !written) {
    return report(context, written.error(), kExitBad);
  }
  if (!context.io.json) {
    tell(context, base, is_cose);
  }
  return kExitGood;
}

}  // namespace

void add_record_name(CLI::App& command, std::string& name) {
  command.add_option("record", name, "Its id, or its index in the ledger")
      ->type_name("ID|INDEX")
      ->required();
}

void add_ledger_prove(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "prove", "Write a record's token and the proof that it stands in the ledger",
      {"pawl ledger prove 0 -o receipt", "pawl ledger prove 0 --form cose -o receipt",
       "pawl ledger prove 0 --json"});
  auto asked = std::make_shared<Asked>();
  add_record_name(*command, asked->record);
  command
      ->add_option("-o", asked->base,
                   "Write BASE.token and BASE.tlog-proof, or BASE.cose (default: its id)")
      ->type_name("BASE");
  command->add_option("--form", asked->form, "tlog, or cose: a signed statement with its receipt")
      ->type_name("FORM")
      ->check(CLI::IsMember({"tlog", "cose"}));
  command->add_flag("--force", asked->force, "Replace files of that name");
  on_run(*command, context, [&context, asked] { return prove(context, *asked); });
}

}  // namespace pawl
