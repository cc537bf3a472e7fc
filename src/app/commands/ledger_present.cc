#include "app/commands/ledger_present.h"

#include <memory>
#include <ostream>

#include "app/commands/cosigned_proof.h"
#include "app/commands/key_sources.h"
#include "app/commands/ledger_prove.h"
#include "app/commands/record_lookup.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/disclosure.h"

namespace pawl {
namespace {

constexpr std::int64_t kDayS = 86'400;

struct Asked {
  std::string record, holder_jwk;
  std::vector<std::string> shown, audience;
  bool all = false;
  std::int64_t days = 30;
};

int failed(Context& context, const Error& error) {
  return report(context, error, error.code == Code::kBadSignature ? kExitBad : kExitUnclear);
}

Result<json::Object> holder_of(Context& context, const std::string& path) {
  constexpr std::size_t kMaxJwk = 16 * 1024;
  if (path.empty()) {
    return json::Object();
  }
  const Result<std::string> text = read_file(context.files, path, kMaxJwk);
  const Result<json::Parsed> jwk = text ? json::parse(*text) : fail(text.error());
  const Result<PublicKey> key = jwk ? PublicKey::from_jwk(jwk->value) : fail(jwk.error());
  if (!key) {
    return fail_at(path, key.error());
  }
  return json::Object(jwk->value.get_object(), {});
}

// It cannot tell whether the withheld part is what the record says, and takes such a question for
// that of a gateway in other hands.
Status no_signer(Context& context) {
  const Result<KeySources> sources = key_sources(context);
  if (!sources) {
    return fail(sources.error());
  }
  const bool is_signer = sources->instance.kind == KeySource::Kind::kSigner ||
                         (sources->next && sources->next->kind == KeySource::Kind::kSigner);
  return is_signer
             ? Status(fail(Code::kUnsupported,
                           "a signer (keys in pawl.yaml) signs no part of a record; prove the "
                           "whole one: `pawl ledger prove`"))
             : Status();
}

int present(Context& context, const Asked& asked) {
  if (const Status possible = no_signer(context); !possible) {
    return failed(context, possible.error());
  }
  const Result<DataFolder> folder = data_folder(context);
  const Result<FoundRecord> record =
      folder ? find_record(context, folder->root, asked.record) : fail(folder.error());
  const Result<std::string> proof = record
                                        ? prove_by_policy(context, record->root, record->row.index)
                                        : Result<std::string>(fail(record.error()));
  const Result<Keystore> keys = proof ? signing_keystore(context, *folder) : fail(proof.error());
  Result<json::Object> holder =
      keys ? holder_of(context, asked.holder_jwk) : Result<json::Object>(fail(keys.error()));
  if (!holder) {
    return failed(context, holder.error());
  }
  const std::int64_t now = context.clock.wall().seconds();
  const Result<std::string> shown =
      ledger::make_disclosure(keys->instance_key(), keys->instance_kid(),
                              {.record = record->jws,
                               .proof = *proof,
                               .shown = asked.shown,
                               .shows_all = asked.all,
                               .audience = asked.audience,
                               .iat = now,
                               .exp = now + asked.days * kDayS,
                               .holder_jwk = *std::move(holder)},
                              context.random);
  if (!shown) {
    return failed(context, shown.error());
  }
  context.io.out << *shown << '\n';
  return kExitGood;
}

}  // namespace

void add_ledger_present(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "present",
      "Show part of a record, signed, with the proof that it stands in the ledger",
      {"pawl ledger present 0", "pawl ledger present 0 --all --audience https://auditor.example"});
  auto asked = std::make_shared<Asked>();
  add_record_name(*command, asked->record);
  CLI::Option* shown = command
                           ->add_option("--disclose", asked->shown,
                                        "A member to show: agent, tool, outcome, wid, pol; more "
                                        "than once")
                           ->type_name("NAME");
  command->add_flag("--all", asked->all, "Show everything; its holder may show less")
      ->excludes(shown);
  command->add_option("--audience", asked->audience, "Whom it is for; more than once");
  command->add_option("--holder", asked->holder_jwk, "Bind it to the key of this JWK file")
      ->type_name("FILE");
  command->add_option("--days", asked->days, "How long it is good (default 30)")
      ->check(CLI::Range(1, 3660));
  on_run(*command, context, [&context, asked] { return present(context, *asked); });
}

}  // namespace pawl
