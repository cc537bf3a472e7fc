#include "foundation/witness/witness_state.h"

#include "base/json.h"
#include "base/os/file_mode.h"

namespace pawl::witness {
namespace {

constexpr std::size_t kMaxHeads = 64u << 20;
constexpr std::size_t kMaxKeyFile = 4096;
constexpr const char* kFormat = "pawl.witness/1";

std::string heads_path(const std::string& folder) {
  return folder + "/heads.json";
}
std::string key_path(const std::string& folder) {
  return folder + "/witness.pem";
}
std::string vkey_path(const std::string& folder) {
  return folder + "/witness.vkey";
}

Result<std::unique_ptr<FileLock>> occupy(Files& files, const std::string& folder) {
  Result<std::unique_ptr<FileLock>> lock = files.lock(folder + "/lock", "pawl witness");
  return lock ? std::move(lock) : fail_at("witness " + folder, lock.error());
}

std::string print_heads(const std::map<std::string, Held>& heads) {
  json::Array notes;
  for (const auto& [origin, held] : heads) {
    notes.push_back(json::Value(held.note));
  }
  return json::print(json::Object{{"format", kFormat}, {"heads", std::move(notes)}}) + "\n";
}

Result<std::map<std::string, Held>> parse_heads(std::string_view text,
                                                const ledger::VerifierKey& self) {
  json::Limits limits;
  limits.max_bytes = kMaxHeads;
  const Result<json::Parsed> parsed = json::parse(text, limits);
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Value* notes = json::find(parsed->value, {"heads"});
  const bool is_known = json::find_string(parsed->value, {"format"}) == kFormat;
  if (!is_known || notes == nullptr || !notes->is_array()) {
    return fail(is_known ? Code::kMalformed : Code::kUnsupported,
                std::string("expected the heads of a witness, format ") + kFormat);
  }
  std::map<std::string, Held> heads;
  for (const json::Value& note : notes->get_array()) {
    if (!note.is_string()) {
      return fail(Code::kMalformed, "a head is a checkpoint's text");
    }
    auto held = read_held(std::string(note.get_string()), self);
    if (!held) {
      return fail(held.error());
    }
    if (!heads.insert(*std::move(held)).second) {
      return fail(Code::kMalformed, "two heads of one log");
    }
  }
  return heads;
}

Result<SigningKey> read_key(Files& files, const std::string& path) {
  if (&files == &system_files()) {
    if (Status is_private = require_private(path); !is_private) {
      return fail(is_private.error());
    }
  }
  const Result<std::string> pem = read_file(files, path, kMaxKeyFile);
  Result<SigningKey> key = pem ? SigningKey::from_pem(*pem) : fail(pem.error());
  return key || !pem ? key : fail_at(path, key.error());
}

// Of a making that was interrupted: what is there may not be durable, so it is written again.
Status keep_again(Files& files, const std::string& path, std::size_t max_bytes) {
  const Result<std::string> bytes = read_file(files, path, max_bytes);
  return bytes ? write_file(files, path, *bytes) : fail(bytes.error());
}

// The key of a witness that is made, or whose making was interrupted.
Result<SigningKey> make_key(Files& files, const std::string& folder) {
  if (files.exists(key_path(folder))) {
    const Status kept = keep_again(files, key_path(folder), kMaxKeyFile);
    return kept ? read_key(files, key_path(folder)) : fail(kept.error());
  }
  Result<SigningKey> key = SigningKey::generate(KeyKind::kEd25519);
  if (key) {
    if (Status made = create_file(files, key_path(folder), key->to_pem()); !made) {
      return fail(made.error());
    }
  }
  return key;
}

}  // namespace

Result<std::string> WitnessState::make(Files& files, const std::string& folder,
                                       const std::string& name) {
  if (Status made = make_durable_directory(files, folder); !made) {
    return fail(made.error());
  }
  const Result<std::unique_ptr<FileLock>> lock = occupy(files, folder);
  if (!lock) {
    return fail(lock.error());
  }
  if (files.exists(vkey_path(folder))) {
    return fail(Code::kConflict, folder + ": a witness was made here; see " + vkey_path(folder));
  }
  const bool has_heads = files.exists(heads_path(folder));
  if (!has_heads && files.exists(key_path(folder))) {
    return fail(Code::kConflict, folder +
                                     ": a witness was made here and its heads are gone; expected "
                                     "an empty folder, for a new witness with a key of its own");
  }
  Status kept = has_heads ? keep_again(files, heads_path(folder), kMaxHeads)
                          : create_file(files, heads_path(folder), print_heads({}));
  if (!kept) {
    return fail(kept.error());
  }
  const Result<SigningKey> key = make_key(files, folder);
  Result<ledger::Cosigner> cosigner =
      key ? ledger::Cosigner::make(name, *key) : Result<ledger::Cosigner>(fail(key.error()));
  if (!cosigner) {
    return fail(cosigner.error());
  }
  Status made = create_file(files, vkey_path(folder), cosigner->vkey() + "\n");
  return made ? Result<std::string>(cosigner->vkey()) : fail(made.error());
}

Result<WitnessState> WitnessState::open(Files& files, const std::string& folder) {
  const std::string first = "; first: pawl witness init --name NAME --state " + folder;
  if (!files.exists(vkey_path(folder))) {
    return fail(Code::kNotFound, "no witness in " + folder + first);
  }
  Result<std::unique_ptr<FileLock>> lock = occupy(files, folder);
  if (!lock) {
    return fail(lock.error());
  }
  Result<std::string> vkey = read_file(files, vkey_path(folder), kMaxKeyFile);
  const Result<SigningKey> key = vkey ? read_key(files, key_path(folder)) : fail(vkey.error());
  if (!key) {
    return fail(key.error());
  }
  std::string name = vkey->substr(0, vkey->find('+'));
  Result<ledger::Cosigner> cosigner = ledger::Cosigner::make(name, *key);
  if (!cosigner || cosigner->vkey() + "\n" != *vkey) {
    return fail(Code::kMalformed, vkey_path(folder) + ": is not of the key in witness.pem");
  }
  Result<std::string> text = read_file(files, heads_path(folder), kMaxHeads);
  if (!text) {
    const bool is_lost = text.error().code == Code::kNotFound;
    return fail(text.error().code,
                text.error().message +
                    (is_lost ? ": the witness has forgotten what it cosigned, and must not sign "
                               "again; make a new one, with a key of its own, in another folder"
                             : ""));
  }
  const ledger::VerifierKey self =
      *ledger::VerifierKey::parse(cosigner->vkey(), ledger::NoteKeyType::kCosignature);
  Result<std::map<std::string, Held>> heads = parse_heads(*text, self);
  if (!heads) {
    return fail_at(heads_path(folder), heads.error());
  }
  WitnessState state(files, folder, std::move(name), *std::move(cosigner), *std::move(lock));
  state.heads_ = *std::move(heads);
  return state;
}

Held WitnessState::held(const std::string& origin) const {
  const auto found = heads_.find(origin);
  return found == heads_.end() ? Held{} : found->second;
}

Status WitnessState::keep(const std::string& origin, Held next) {
  if (is_broken_) {
    return fail(Code::kEvidenceUnavailable,
                "what was cosigned could not be kept; start again when the disk is well");
  }
  std::map<std::string, Held> heads = heads_;
  heads[origin] = std::move(next);
  const std::string text = print_heads(heads);
  Status kept = text.size() <= kMaxHeads
                    ? write_file(*files_, heads_path(folder_), text)
                    : Status(fail(Code::kTooLarge, "the heads of all logs are over 64 MiB"));
  if (!kept) {
    is_broken_ = true;
    return kept;
  }
  heads_ = std::move(heads);
  return {};
}

}  // namespace pawl::witness
