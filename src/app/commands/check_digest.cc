#include "app/commands/check_digest.h"

#include <istream>
#include <iterator>
#include <memory>
#include <ostream>
#include <vector>

#include "app/commands/record_lookup.h"
#include "app/commands/recorded_digest.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "base/encoding.h"
#include "foundation/crypto/salted_digest.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 20;  // as limits.max_body_bytes at most
constexpr std::size_t kMaxToken = 1u << 20;
constexpr const char* kNotChecked = "the token's signature was not checked: pawl verify";

struct Asked {
  std::string record, token, input, output, salt;
};

// The record that is asked about, wherever it comes from.
struct Subject {
  Uuid id;
  jose::Jws jws;
};

Result<Subject> subject_of(Context& context, const Asked& asked) {
  if (asked.token.empty()) {
    Result<FoundRecord> record = find_record(context, asked.record);
    return record ? Result<Subject>(Subject{record->row.id, std::move(record->jws)})
                  : fail(record.error());
  }
  Result<std::string> text = read_file(context.files, asked.token, kMaxToken);
  while (text && !text->empty() && (text->back() == '\n' || text->back() == '\r')) {
    text->pop_back();  // a saved token may have gained a line end
  }
  Result<jose::Jws> jws = text ? jose::decode(*text, kMaxToken) : fail(text.error());
  const Result<Uuid> id =
      jws ? Uuid::parse(json::find_string(jws->payload, {names::kClaimJti}).value_or(""))
          : fail(jws.error());
  return id ? Result<Subject>(Subject{*id, *std::move(jws)}) : fail_at(asked.token, id.error());
}

Result<std::string> bytes_of(Context& context, const std::string& path) {
  if (path != "-") {
    return read_file(context.files, path, kMaxBytes);
  }
  return std::string(std::istreambuf_iterator<char>(context.io.in), {});
}

// From the command line, or from the vault of the data folder.
Result<std::string> salt_of(Context& context, const Asked& asked, const Subject& subject,
                            const RecordedDigest& recorded) {
  if (recorded.key.empty()) {
    return std::string();
  }
  if (asked.salt.empty() && !asked.token.empty()) {
    return fail(Code::kUndecidable,
                "the digest is salted; expected its salt (--salt), which whoever runs the gateway "
                "is told with the right bytes");
  }
  if (asked.salt.empty()) {
    const Result<DataFolder> folder = data_folder(context);
    if (!folder) {
      return fail(folder.error());
    }
    vault::Vault vault(context.files, folder->root);
    return salt_in(vault, subject.id, recorded);
  }
  Result<std::string> salt = base64url_decode(asked.salt);
  return salt && salt->size() == kSaltBytes
             ? salt
             : Result<std::string>(
                   fail(Code::kInvalidParams, "--salt: expected 43 characters of base64url"));
}

struct Answer {
  int exit = kExitGood;
  std::string words, salt;
};

Answer check(Context& context, const Asked& asked, const Subject& subject, const std::string& path,
             const RecordedDigest& recorded) {
  if (recorded.digest.empty()) {
    return {kExitUnclear, "the record has no such digest", ""};
  }
  const Result<std::string> salt = salt_of(context, asked, subject, recorded);
  const Result<std::string> bytes = salt ? bytes_of(context, path) : fail(salt.error());
  const Result<bool> same =
      bytes ? is_of(recorded, sha256(*bytes), salt) : Result<bool>(fail(bytes.error()));
  if (!same) {
    return {kExitUnclear, "cannot be checked: " + same.error().message, ""};
  }
  return *same ? Answer{kExitGood, "is what the record has the digest of", base64url_encode(*salt)}
               : Answer{kExitBad, "IS ANOTHER than the record has the digest of", ""};
}

int check_digest(Context& context, const Asked& asked) {
  const bool is_one = asked.input.empty() != asked.output.empty();
  if ((asked.input.empty() && asked.output.empty()) || (!asked.salt.empty() && !is_one) ||
      asked.record.empty() == asked.token.empty()) {
    return report(context, {Code::kInvalidParams,
                            "expected a record or --token FILE, and --input or --output; with "
                            "--salt one of both"});
  }
  const Result<Subject> subject = subject_of(context, asked);
  if (!subject) {
    return report(context, subject.error());
  }
  json::Object out{{"id", subject->id.text()}};
  int exit = kExitGood;
  const auto one = [&](const char* label, const std::string& path, std::string_view of,
                       std::string_view claim) {
    if (path.empty()) {
      return;
    }
    const RecordedDigest recorded =
        recorded_digest(subject->jws, of,
                        std::string(json::find_string(subject->jws.payload, {claim}).value_or("")));
    const Answer answer = check(context, asked, *subject, path, recorded);
    exit = answer.exit == kExitBad || exit == kExitGood ? answer.exit : exit;
    json::Object shown{{"same", answer.exit == kExitGood  ? json::Value(true)
                                : answer.exit == kExitBad ? json::Value(false)
                                                          : json::Value(nullptr)},
                       {"says", answer.words},
                       {"salted", !recorded.key.empty()}};
    if (!answer.salt.empty()) {
      shown["salt"] = answer.salt;
    }
    out[label] = std::move(shown);
    if (!context.io.json) {
      context.io.out << labelled(label, shown_text(answer.words))
                     << (answer.salt.empty() ? "" : labelled("  salt", answer.salt));
    }
  };
  if (!asked.token.empty()) {
    out["token_signature"] = kNotChecked;
    if (!context.io.json) {
      context.io.out << labelled("token", kNotChecked);
    }
  }
  one("input", asked.input, names::kSaltedInp, names::kClaimInpHash);
  one("output", asked.output, names::kSaltedOut, names::kClaimOutHash);
  if (context.io.json) {
    context.io.out << json::print(out) << '\n';
  }
  return exit;
}

}  // namespace

void add_ledger_check_digest(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "check-digest", "Check whether these were the input and the output of a record",
      {"pawl ledger check-digest 4 --input params.json",
       "pawl ledger check-digest --token receipt.token --salt SALT --input params.json"});
  auto asked = std::make_shared<Asked>();
  command->add_option("record", asked->record, "Its id, or its index in the ledger")
      ->type_name("ID|INDEX");
  command->add_option("--token", asked->token, "The record's token, where its ledger is not")
      ->type_name("FILE");
  command
      ->add_option("--input", asked->input,
                   "The exact bytes of params as forwarded, without _meta; - for standard input")
      ->type_name("FILE|-");
  command->add_option("--output", asked->output, "The exact bytes of the server's result or error")
      ->type_name("FILE|-");
  command->add_option("--salt", asked->salt, "The salt, from whoever runs the gateway")
      ->type_name("SALT");
  on_run(*command, context, [&context, asked] { return check_digest(context, *asked); });
}

}  // namespace pawl
