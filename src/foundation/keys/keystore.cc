#include "foundation/keys/keystore.h"

#include <utility>

#include "base/assert.h"
#include "base/encoding.h"
#include "foundation/keys/private_file.h"
#include "foundation/keys/sourced_keys.h"

namespace pawl {
namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kMaxAccounts = 16 * 1024 * 1024;
constexpr const char* kSecretFile = "/secret";
constexpr const char* kAccountsFile = "/accounts.json";
constexpr const char* kLockFile = "/lock";

Result<std::string> load_secret(Files& files, const std::string& path) {
  Result<std::string> text = read_private_file(files, path);
  if (!text) {
    return text;
  }
  if (!text->empty() && text->back() == '\n') {
    text->pop_back();
  }
  Result<std::string> secret = base64url_decode(*text);
  if (!secret || secret->size() != kSecretSize) {
    return fail(Code::kMalformed, path + ": expected 32 bytes as 43 characters of base64url");
  }
  return secret;
}

Result<Accounts> load_accounts(Files& files, const std::string& path) {
  const Result<std::string> text = read_private_file(files, path, kMaxAccounts);
  if (!text) {
    return fail(text.error());
  }
  Result<Accounts> accounts = Accounts::parse(*text);
  if (!accounts) {
    return fail_at(path, accounts.error());
  }
  return accounts;
}

// `make` gives the text of a file that is missing. Under the lock, so nobody else makes it.
Status make_missing(Files& files, const std::string& path,
                    const std::function<Result<std::string>()>& make) {
  if (files.exists(path)) {
    const Result<std::unique_ptr<File>> there = files.open(path, OpenMode::kRead);
    return there ? Status() : Status(fail(there.error()));  // it could not be told, and is not
  }
  const Result<std::string> text = make();
  return text ? write_file(files, path, *text) : fail(text.error());
}

Result<std::string> new_key_pem(KeyKind kind) {
  const Result<SigningKey> key = SigningKey::generate(kind);
  if (!key) {
    return fail(key.error());
  }
  return key->to_pem();
}

std::string random_text(Random& random) {
  const std::string secret = random.bytes(kSecretSize);
  PAWL_CHECK(secret.size() == kSecretSize, "a random source gives what is asked");
  return base64url_encode(secret);
}

// Of a key that a source holds, the public part.
Status make_key(Files& files, const KeyPlace& place, KeyKind kind, const KeyPlace::Offer& offer) {
  if (!offer.is_of_file) {
    return make_missing(files, place.jwk(), [&]() -> Result<std::string> {
      return jwk_file_text(offer.given.front().key.public_key());
    });
  }
  return make_missing(files, place.pem(), [kind] { return new_key_pem(kind); });
}

KeyPlace log_place(Files& files, const std::string& folder) {
  return {files, folder, "log", KeyKind::kEd25519};
}

Status check_complete(Files& files, const std::string& folder) {
  if (!Keystore::stands(files, folder)) {
    return fail(Code::kNotFound, "no keystore in " + folder + ": run `pawl init`");
  }
  const KeyPlace log = log_place(files, folder);
  for (const std::string& path : {log.stands() ? folder + kSecretFile : log.pem(),
                                  folder + kSecretFile, folder + kAccountsFile}) {
    if (!files.exists(path)) {
      return fail(Code::kMalformed, path + ": missing from the keystore; restore it from a backup");
    }
  }
  return {};
}

}  // namespace

bool Keystore::stands(Files& files, const std::string& folder) {
  return KeyPlace(files, folder, "instance", KeyKind::kP256).stands();
}

bool Keystore::names_held_keys(Files& files, const std::string& folder) {
  const KeyPlace instance(files, folder, "instance", KeyKind::kP256);
  return instance.stands() &&
         (files.exists(instance.jwk()) || files.exists(log_place(files, folder).jwk()));
}

// The instance key is made last: where it stands, all four stood once, and a file that is missing
// then is a loss for a person to mend, not one to paper over with a new key.
Status Keystore::make_files(Files& files, const std::string& folder, Random& random,
                            const Sourced& sourced) {
  if (stands(files, folder)) {
    return {};
  }
  Status status = make_missing(files, folder + kSecretFile,
                               [&]() -> Result<std::string> { return random_text(random) + "\n"; });
  if (status) {
    status = make_missing(files, folder + kAccountsFile,
                          []() -> Result<std::string> { return Accounts().print(); });
  }
  if (status) {
    status = make_key(files, log_place(files, folder), KeyKind::kEd25519, sourced.log);
  }
  if (status) {
    status = make_key(files, KeyPlace(files, folder, "instance", KeyKind::kP256), KeyKind::kP256,
                      sourced.instance);
  }
  return status;
}

Result<Keystore> Keystore::create(Files& files, const std::string& folder, Random& random,
                                  const KeySources& sources) {
  Result<Sourced> sourced = open_sources(files, sources);  // before anything is made
  if (!sourced) {
    return fail(sourced.error());
  }
  Status status = make_durable_directory(files, folder);
  if (status) {
    status = require_private_folder(files, folder);
  }
  if (!status) {
    return fail(status.error());
  }
  {
    const Result<std::unique_ptr<FileLock>> lock =
        files.lock(folder + kLockFile, "making the keystore");
    if (!lock) {
      return fail(lock.error());
    }
    status = make_files(files, folder, random, *sourced);
    if (status) {
      status = files.sync_directory(folder);  // also of files that an earlier start made
    }
    if (!status) {
      return fail(status.error());
    }
  }
  return open_with(files, folder, *std::move(sourced));
}

Result<Keystore> Keystore::open(Files& files, const std::string& folder,
                                const KeySources& sources) {
  Result<Sourced> sourced = open_sources(files, sources);
  return sourced ? open_with(files, folder, *std::move(sourced)) : fail(sourced.error());
}

Result<Keystore> Keystore::open(Files& files, const std::string& folder) {
  Sourced nothing;
  nothing.instance.for_looking = true;
  nothing.log.for_looking = true;
  return open_with(files, folder, std::move(nothing));
}

Result<Keystore> Keystore::open_with(Files& files, const std::string& folder, Sourced sourced) {
  Status status = check_complete(files, folder);
  if (status) {
    status = require_private_folder(files, folder);
  }
  Keystore keystore;
  keystore.files_ = &files;
  keystore.folder_ = folder;
  if (status) {
    status = keystore.load_former();
  }
  if (!status) {
    return fail(status.error());
  }
  Result<std::optional<SigningKey>> prepared = keystore.load_prepared();
  if (!prepared) {
    return fail(prepared.error());
  }
  sourced.instance.prepared = *prepared ? (*prepared)->public_key().thumbprint() : "";
  sourced.instance.is_former = [&](const std::string& kid) {
    return keystore.former_keys_.contains(kid);
  };
  Result<KeyPlace::Chosen> instance = keystore.instance_place().choose(sourced.instance);
  if (!instance) {
    return fail(instance.error());
  }
  Result<KeyPlace::Chosen> log_key = log_place(files, folder).choose(sourced.log);
  if (!log_key) {
    return fail(log_key.error());
  }
  Result<std::string> secret = load_secret(files, folder + kSecretFile);
  if (!secret) {
    return fail(secret.error());
  }
  Result<Accounts> accounts = load_accounts(files, folder + kAccountsFile);
  if (!accounts) {
    return fail(accounts.error());
  }
  keystore.instance_kid_ = instance->key.public_key().thumbprint();
  keystore.instance_key_ = std::move(instance->key);
  keystore.instance_source_ = std::move(instance->source);
  keystore.former_keys_.erase(keystore.instance_kid_);  // else the rename behind it never came
  keystore.log_key_ = std::move(log_key->key);
  keystore.take_next(sourced, *std::move(prepared));
  keystore.secret_ = std::move(*secret);
  keystore.accounts_ = std::move(*accounts);
  return keystore;
}

std::string Keystore::derived_key(std::string_view purpose) const {
  return std::string(view(hmac_sha256(secret_, purpose)));
}

const Operator* Keystore::find_operator(std::string_view kid) const {
  return pawl::find_operator(accounts_.operators, kid);
}

Result<std::vector<Operator>> Keystore::read_operators() const {
  Result<Accounts> accounts = load_accounts(*files_, folder_ + kAccountsFile);
  return accounts ? Result<std::vector<Operator>>(std::move(accounts->operators))
                  : fail(accounts.error());
}

Status Keystore::change_accounts(const std::function<Status(Accounts&)>& change) {
  const Result<std::unique_ptr<FileLock>> lock =
      files_->lock(folder_ + kLockFile, "changing the accounts");
  if (!lock) {
    return fail(lock.error());
  }
  Result<Accounts> accounts = load_accounts(*files_, folder_ + kAccountsFile);
  if (!accounts) {
    return fail(accounts.error());
  }
  Status status = change(*accounts);
  if (status) {
    status = write_file(*files_, folder_ + kAccountsFile, accounts->print());
  }
  if (status) {
    accounts_ = std::move(*accounts);
  }
  return status;
}

Status Keystore::enrol_operator(const std::string& name, const PublicKey& key,
                                std::vector<std::string> roles) {
  return change_accounts(
      [&](Accounts& accounts) { return accounts.add_operator(name, key, std::move(roles)); });
}

Result<std::string> Keystore::enrol_agent(const std::string& agent, Random& random) {
  std::string key = "pawl_" + random_text(random);
  const Status status = change_accounts(
      [&](Accounts& accounts) { return accounts.add_agent_key(agent, sha256(key)); });
  if (!status) {
    return fail(status.error());
  }
  return key;
}

Status Keystore::remove_agent(const std::string& agent) {
  return change_accounts([&](Accounts& accounts) { return accounts.remove_agent(agent); });
}

}  // namespace pawl
