#include "app/commands/trust_store.h"

#include <functional>
#include <map>
#include <vector>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/evidence.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxTrustBytes = 4u << 20;
constexpr std::size_t kMaxNoteBytes = 64 * 1024;

Result<jose::JwkSet> set_of(const std::vector<std::pair<std::string, PublicKey>>& keys) {
  json::Array out;
  for (const auto& [kid, key] : keys) {
    Result<json::Parsed> jwk = json::parse(key.to_jwk());
    if (!jwk || !jwk->value.is_object()) {
      return fail(Code::kInternal, "a key of the keystore does not print as a JWK");
    }
    jwk->value.get_object()["kid"] = kid;
    out.push_back(std::move(jwk->value));
  }
  return jose::JwkSet::parse(json::print(json::Object{{"keys", std::move(out)}}));
}

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

Result<std::string> opened_origin(const Result<std::optional<ledger::Opened>>& opened,
                                  const Error& otherwise) {
  if (!opened || !*opened) {
    return fail(otherwise);
  }
  return ledger::log_origin(ledger::log_name((*opened)->origin_before).first_origin,
                            (*opened)->number);
}

Result<ledger::Trust> trust_of_data_folder(Files& files, const std::string& ledger_folder) {
  const Result<Keystore> keys = Keystore::open(files, directory_of(ledger_folder) + "/keys");
  if (!keys) {
    return fail_at("keys beside " + ledger_folder, keys.error());
  }
  Result<std::string> vkey = read_file(files, ledger::vkey_path(ledger_folder), kMaxNoteBytes);
  if (!vkey) {
    return fail(vkey.error());
  }
  ledger::Trust trust;
  trust.log_vkey = without_line_end(*std::move(vkey));
  const Result<ledger::NoteSigner> signer =
      ledger::NoteSigner::make(origin_of_vkey(trust.log_vkey), keys->log_key());
  if (!signer || signer->vkey() != trust.log_vkey) {
    return fail(Code::kBadSignature,
                ledger::vkey_path(ledger_folder) + ": is not the key of the keystore beside it");
  }
  std::vector<std::pair<std::string, PublicKey>> people;
  for (const Operator& person : keys->operators()) {
    people.emplace_back(person.key.thumbprint(), person.key);
  }
  std::vector<std::pair<std::string, PublicKey>> own(keys->former_keys().begin(),
                                                     keys->former_keys().end());
  own.emplace_back(keys->instance_kid(), keys->instance_key().public_key());
  Result<jose::JwkSet> tokens = set_of(own);
  if (!tokens) {
    return fail(tokens.error());
  }
  trust.token_keys = *std::move(tokens);
  if (!people.empty()) {
    Result<jose::JwkSet> operators = set_of(people);
    if (!operators) {
      return fail(operators.error());
    }
    trust.operator_keys = *std::move(operators);
  }
  Status pinned = pin_head(files, ledger_folder, trust);
  return pinned ? Result<ledger::Trust>(std::move(trust)) : fail(pinned.error());
}

}  // namespace

Status pin_head(Files& files, const std::string& ledger_folder, ledger::Trust& trust) {
  const Result<std::string> note =
      read_file(files, ledger::checkpoint_path(ledger_folder), kMaxNoteBytes);
  if (!note) {
    return note.error().code == Code::kNotFound ? Status{} : Status(fail(note.error()));
  }
  const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(trust.log_vkey);
  const Result<ledger::TreeHead> head =
      key ? ledger::open_checkpoint(*note, *key) : Result<ledger::TreeHead>(fail(key.error()));
  if (!head) {
    return fail_at("checkpoint of " + ledger_folder, head.error());
  }
  trust.pinned_size = head->size;
  trust.pinned_root = base64_encode(view(head->root));
  trust.pinned_note = *note;
  return {};
}

std::string bundle_trust_path(const std::string& bundle) {
  return bundle + "/pawl.trust";
}

Result<ledger::Trust> read_trust(Files& files, const std::string& path) {
  const Result<std::string> text = read_file(files, path, kMaxTrustBytes);
  if (!text) {
    return fail(text.error());
  }
  Result<ledger::Trust> trust = ledger::parse_trust(*text);
  return trust ? std::move(trust) : Result<ledger::Trust>(fail_at(path, trust.error()));
}

std::optional<ledger::Trust> keys_of_evidence(Files& files, const std::string& path) {
  const Result<std::string> text = read_file(files, path, ledger::kMaxEvidenceBytes);
  Result<ledger::Evidence> evidence =
      text ? ledger::parse_evidence(*text) : Result<ledger::Evidence>(fail(text.error()));
  return evidence ? std::optional(std::move(evidence->keys)) : std::nullopt;
}

Result<ledger::Trust> trust_of(Files& files, const std::string& path) {
  const Result<ledger::Source> source = ledger::find_source(files, path);
  if (!source) {
    return fail(source.error());
  }
  if (!source->is_bundle) {
    return trust_of_data_folder(files, source->folder);
  }
  Result<ledger::Trust> trust = read_trust(files, bundle_trust_path(path));
  // Its own head: older versions wrote the one that was published then.
  const Status pinned = trust ? pin_head(files, path, *trust) : Status{};
  return pinned ? std::move(trust) : fail(pinned.error());
}

std::string fingerprint(const ledger::Trust& trust) {
  std::string text = "pawl.trust/1\n" + trust.log_vkey + "\n";
  for (const auto& [name, set] :
       {std::pair{"token", &trust.token_keys}, {"operator", &trust.operator_keys}}) {
    for (const auto& [kid, key] : set->keys()) {  // ordered by kid
      text += std::string(name) + " " + json::quote(kid) + " " + key.thumbprint() + "\n";
    }
  }
  return "SHA256:" + digest_text(sha256(text));
}

std::string origin_of_vkey(const std::string& vkey) {
  return vkey.substr(0, vkey.find('+'));
}

Result<std::string> origin_of(Files& files, const std::string& path) {
  const Result<ledger::Source> source = ledger::find_source(files, path);
  if (!source) {
    return opened_origin(ledger::newest_opened(files, path), source.error());
  }
  const Result<std::string> vkey =
      read_file(files, ledger::vkey_path(source->folder), kMaxNoteBytes);
  if (vkey) {
    return origin_of_vkey(without_line_end(*vkey));
  }
  const Result<std::string> note =
      read_file(files, ledger::checkpoint_path(source->folder), kMaxNoteBytes);
  const Result<ledger::TreeHead> head =
      note ? ledger::read_checkpoint(*note) : Result<ledger::TreeHead>(fail(note.error()));
  return head ? Result<std::string>(head->origin)
              : opened_origin(ledger::read_opened(files, source->folder), head.error());
}

std::string file_name_of(const std::string& origin) {
  std::string name;
  for (const char c : origin) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || (c == '.' && !name.empty());
    name += plain ? std::string(1, c) : "%" + hex_encode(std::string_view(&c, 1));
  }
  constexpr std::size_t kMaxName = 200;
  if (name.empty() || name.size() > kMaxName) {
    name = digest_text(sha256(origin));
  }
  return name;
}

Result<std::string> pin_path(const Environment& environment, const std::string& origin) {
  std::string folder = environment("XDG_CONFIG_HOME").value_or("");
  if (folder.empty()) {
    const std::string home = environment("HOME").value_or("");
    if (home.empty()) {
      return fail(Code::kNotFound,
                  "no folder for pinned keys: neither XDG_CONFIG_HOME nor HOME is set");
    }
    folder = home + "/.config";
  }
  return folder + "/pawl/trust/" + file_name_of(origin) + ".trust";
}

Result<std::optional<ledger::Trust>> pinned_trust(Context& context, const std::string& origin) {
  const Result<std::string> path = pin_path(context.environment, origin);
  if (!path || !context.files.exists(*path)) {
    return std::optional<ledger::Trust>();
  }
  Result<ledger::Trust> trust = read_trust(context.files, *path);
  if (!trust) {
    return fail(trust.error());
  }
  if (origin_of_vkey(trust->log_vkey) != origin) {
    return fail(Code::kMalformed, *path + ": holds the keys of another log");
  }
  return std::optional<ledger::Trust>(*std::move(trust));
}

Result<std::optional<ledger::Trust>> find_trust(Context& context, const std::string& given,
                                                const Result<std::string>& origin,
                                                std::string& where) {
  if (!given.empty()) {
    Result<ledger::Trust> trust = read_trust(context.files, given);
    if (!trust) {
      return fail(trust.error());
    }
    where = given;
    return std::optional<ledger::Trust>(*std::move(trust));
  }
  if (!origin) {
    return std::optional<ledger::Trust>();
  }
  // What was pinned for this log, or for the first one of the instance.
  for (const std::string& name : {*origin, ledger::log_name(*origin).first_origin}) {
    Result<std::optional<ledger::Trust>> pinned = pinned_trust(context, name);
    if (!pinned) {
      return pinned;
    }
    if (*pinned) {
      where = pin_path(context.environment, name).value_or("");
      return pinned;
    }
  }
  return std::optional<ledger::Trust>();
}

std::vector<std::string> later_pins(Context& context, const std::string& path) {
  const Result<ledger::Trust> trust = read_trust(context.files, path);
  const std::string folder = directory_of(path);
  const Result<std::vector<std::string>> names =
      trust ? context.files.list(folder) : Result<std::vector<std::string>>(fail(trust.error()));
  const ledger::LogName used = ledger::log_name(trust ? origin_of_vkey(trust->log_vkey) : "");
  std::map<std::uint64_t, std::string, std::greater<>> later;
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const std::string other = std::string(folder).append("/").append(name);
    const Result<ledger::Trust> pin = name.ends_with(".trust")
                                          ? read_trust(context.files, other)
                                          : Result<ledger::Trust>(fail(Code::kNotFound, ""));
    const ledger::LogName of = ledger::log_name(pin ? origin_of_vkey(pin->log_vkey) : "");
    if (pin && of.first_origin == used.first_origin && of.number > used.number) {
      later.emplace(of.number, other);
    }
  }
  std::vector<std::string> out;
  out.reserve(later.size());
  for (const auto& [number, other] : later) {
    out.push_back(other);
  }
  return out;
}

Status store_pin(Context& context, const std::string& path, const ledger::Trust& trust) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    // One that is there may be of a pin that was killed, and not durable yet; or it is of the
    // system, and its own folder out of our reach.
    const bool there = context.files.exists(folder);
    if (Status made = make_durable_directory(context.files, folder); !made && !there) {
      return made;
    }
  }
  return write_file(context.files, path, ledger::print_trust(trust));
}

}  // namespace pawl
