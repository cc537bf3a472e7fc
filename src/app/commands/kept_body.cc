#include "app/commands/kept_body.h"

#include <set>

#include "app/commands/recorded_digest.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/names.h"
#include "foundation/vault/vault_store.h"

namespace pawl {
namespace {

std::string text_at(const json::Object& body, std::string_view name) {
  const json::Value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

void note_pseudonyms(const json::Value& value, std::set<std::string>& found) {
  if (value.is_string() && !vault::person_object(value.get_string()).empty()) {
    found.emplace(value.get_string());
  } else if (value.is_array()) {
    for (const json::Value& item : value.get_array()) {
      note_pseudonyms(item, found);
    }
  } else if (value.is_object()) {
    for (const auto& [name, item] : value.get_object()) {
      note_pseudonyms(item, found);
    }
  }
}

}  // namespace

std::optional<Result<std::string>> kept_body(Files& files, const std::string& data,
                                             const FoundRecord& record, const json::Object& body) {
  const std::string retention = text_at(body, names::kBodyKept);
  const RecordedDigest recorded =
      recorded_digest(record.jws, names::kSaltedBody, text_at(body, names::kExtBodyHash));
  if (retention.empty() || recorded.digest.empty()) {
    return std::nullopt;
  }
  vault::Vault vault(files, data);
  const std::string name = std::string(vault::kBodyArea) + record.row.id.text();
  Result<std::string> text = vault.get_kept(name, retention, WallTime{record.row.at * 1'000'000});
  const Result<bool> is_it =
      text ? is_of(recorded, sha256(*text), salt_in(vault, record.row.id, recorded))
           : fail(text.error());
  if (!is_it) {
    return fail(is_it.error());
  }
  if (!*is_it) {
    return fail(Code::kBadSignature,
                "the kept body is another than the one that the record has the digest of");
  }
  return text;
}

std::vector<std::string> people_words(Context& context, const json::Object& body) {
  const Result<DataFolder> folder = data_folder(context);
  std::set<std::string> found;
  for (const auto& [name, value] : body) {
    note_pseudonyms(value, found);
  }
  std::vector<std::string> out;
  for (const std::string& pseudonym : found) {
    const Result<std::string> content =
        folder ? vault::Vault(context.files, folder->root).get(vault::person_object(pseudonym))
               : fail(folder.error());
    const Result<vault::Person> person =
        content ? vault::read_person(*content) : fail(content.error());
    out.push_back(pseudonym + (person ? " is " + person->name : ": " + person.error().message));
  }
  return out;
}

std::string fill_in(Context& context, const FoundRecord& record, json::Object& body) {
  const Result<DataFolder> folder = data_folder(context);
  const std::optional<Result<std::string>> kept =
      folder ? kept_body(context.files, folder->root, record, body) : std::nullopt;
  if (!kept) {
    return "";
  }
  const Result<json::Parsed> parsed = *kept ? json::parse(**kept) : fail(kept->error());
  if (!parsed || !parsed->value.is_object()) {
    return "not at hand: " + (parsed ? "the kept body is no JSON object" : parsed.error().message);
  }
  body = parsed->value.get_object();
  return "kept in the vault; its digest is the record's";
}

}  // namespace pawl
