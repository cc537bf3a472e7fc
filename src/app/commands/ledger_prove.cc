#include "app/commands/ledger_prove.h"

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "app/commands/cosigned_proof.h"
#include "app/commands/kept_file.h"
#include "app/commands/key_sources.h"
#include "app/commands/record_lookup.h"
#include "base/encoding.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cose_receipt.h"
#include "foundation/ledger/jws_receipt.h"
#include "foundation/ledger/tlog_proof.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::string_view kTlog = "tlog", kCose = "cose", kJws = "jws";

struct Asked {
  std::string record, base;
  std::string form{kTlog};
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
Result<std::string> statement_of(const Keystore& keys, const FoundRecord& record,
                                 const std::string& proof_text) {
  const Result<ledger::TlogProof> proof = ledger::parse_proof(proof_text);
  const Result<ledger::TreeHead> head =
      proof ? ledger::read_checkpoint(proof->checkpoint) : fail(proof.error());
  if (!head) {
    return fail(head.error());
  }
  if (Status same = check_log_key(*proof, *head, keys.log_key()); !same) {
    return fail(same.error());
  }
  const Result<ledger::ReceiptDraft> draft =
      ledger::receipt_draft(proof_text, record.row.id.text());
  Result<std::string> receipt =
      draft ? ledger::make_cose_receipt(keys.log_key(), *draft) : fail(draft.error());
  if (!receipt) {
    return receipt;
  }
  return ledger::make_statement(
      keys.instance_key(),
      {std::string(json::find_string(record.jws.payload, {names::kClaimIss}).value_or("")),
       draft->subject,
       keys.instance_kid(),
       record.jws.compact,
       {*std::move(receipt)}});
}

// What stands beside the token, or for it: the proof itself, or what is signed here and now.
Result<std::string> proof_in_form(Context& context, const DataFolder& folder,
                                  const FoundRecord& record, const std::string& form,
                                  std::string proof) {
  if (form == kTlog) {
    return proof;
  }
  const Result<Keystore> keys = signing_keystore(context, folder);
  if (!keys) {
    return fail(keys.error());
  }
  return form == kCose
             ? statement_of(*keys, record, proof)
             : ledger::make_jws_receipt(keys->instance_key(),
                                        {keys->instance_kid(), record.jws.compact, proof});
}

void tell(Context& context, const std::string& base, const std::string& form) {
  if (form == kCose) {
    context.io.out << "wrote " << base << ".cose\n"
                   << "check it anywhere: pawl verify " << base << ".cose --trust FILE\n";
    return;
  }
  const std::string proof = base + (form == kJws ? ".receipt" : ".tlog-proof");
  context.io.out << "wrote " << base << ".token and " << proof << "\n"
                 << "check it anywhere: pawl verify " << base << ".token --proof " << proof
                 << " --trust FILE\n";
}

std::vector<NewFile> files_of(const FoundRecord& record, const std::string& base,
                              const std::string& form, const std::string& proof) {
  if (form == kCose) {
    return {{base + ".cose", proof}};
  }
  return {{base + ".token", record.jws.compact},
          {base + (form == kJws ? ".receipt" : ".tlog-proof"), proof}};
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
  const Result<std::string> formed = proof_in_form(context, *folder, *record, asked.form, *proof);
  if (!formed) {
    return failed(context, formed.error());
  }
  const std::string id = record->row.id.text();
  if (context.io.json) {
    json::Object out{{"index", record->row.index}, {"id", id}, {"token", record->jws.compact}};
    if (asked.form == kCose) {
      out["statement"] = base64_encode(*formed);
    } else {
      out[asked.form == kJws ? "receipt" : "proof"] = *formed;
    }
    context.io.out << json::print(out) << '\n';
    if (asked.base.empty()) {
      return kExitGood;
    }
  }
  const std::string base = asked.base.empty() ? id : asked.base;
  if (Status written =
          write_all(context.files, files_of(*record, base, asked.form, *formed), asked.force);
      !written) {
    return report(context, written.error(), kExitBad);
  }
  if (!context.io.json) {
    tell(context, base, asked.form);
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
       "pawl ledger prove 0 --form jws -o receipt", "pawl ledger prove 0 --json"});
  auto asked = std::make_shared<Asked>();
  add_record_name(*command, asked->record);
  command
      ->add_option("-o", asked->base,
                   "Write BASE.token and BASE.tlog-proof or BASE.receipt, or BASE.cose (default: "
                   "its id)")
      ->type_name("BASE");
  command
      ->add_option("--form", asked->form,
                   "tlog; cose: a signed statement with its receipt; or jws: a signed receipt")
      ->type_name("FORM")
      ->check(CLI::IsMember({kTlog, kCose, kJws}));
  command->add_flag("--force", asked->force, "Replace files of that name");
  on_run(*command, context, [&context, asked] { return prove(context, *asked); });
}

}  // namespace pawl
