#include "foundation/keys/keystore.h"

#include <utility>

#include "base/assert.h"
#include "base/encoding.h"
#include "foundation/keys/key_file.h"
#include "foundation/keys/private_file.h"

namespace pawl {
namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kMaxAccounts = 16 * 1024 * 1024;
constexpr const char* kInstanceFile = "/instance.pem";
constexpr const char* kLogFile = "/log.pem";
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

// The instance key is made last: where it stands, all four stood once, and a file that is missing
// then is a loss for a person to mend, not one to paper over with a new key.
Status make_files(Files& files, const std::string& folder, Random& random) {
  if (files.exists(folder + kInstanceFile)) {
    return {};
  }
  Status status = make_missing(files, folder + kSecretFile,
                               [&]() -> Result<std::string> { return random_text(random) + "\n"; });
  if (status) {
    status = make_missing(files, folder + kAccountsFile,
                          []() -> Result<std::string> { return Accounts().print(); });
  }
  if (status) {
    status = make_missing(files, folder + kLogFile, [] { return new_key_pem(KeyKind::kEd25519); });
  }
  if (status) {
    status =
        make_missing(files, folder + kInstanceFile, [] { return new_key_pem(KeyKind::kP256); });
  }
  return status;
}

Status check_complete(Files& files, const std::string& folder) {
  if (!files.exists(folder + kInstanceFile)) {
    return fail(Code::kNotFound, "no keystore in " + folder + ": run `pawl init`");
  }
  for (const char* name : {kLogFile, kSecretFile, kAccountsFile}) {
    if (!files.exists(folder + name)) {
      return fail(Code::kMalformed,
                  folder + name + ": missing from the keystore; restore it from a backup");
    }
  }
  return {};
}

}  // namespace

Result<Keystore> Keystore::create(Files& files, const std::string& folder, Random& random) {
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
    status = make_files(files, folder, random);
    if (status) {
      status = files.sync_directory(folder);  // also of files that an earlier start made
    }
    if (!status) {
      return fail(status.error());
    }
  }
  return open(files, folder);
}

Result<Keystore> Keystore::open(Files& files, const std::string& folder) {
  if (const Status status = check_complete(files, folder); !status) {
    return fail(status.error());
  }
  if (const Status status = require_private_folder(files, folder); !status) {
    return fail(status.error());
  }
  Result<SigningKey> instance_key = load_key_file(files, folder + kInstanceFile, KeyKind::kP256);
  if (!instance_key) {
    return fail(instance_key.error());
  }
  Result<SigningKey> log_key = load_key_file(files, folder + kLogFile, KeyKind::kEd25519);
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
  Keystore keystore;
  keystore.files_ = &files;
  keystore.folder_ = folder;
  keystore.instance_kid_ = instance_key->public_key().thumbprint();
  keystore.instance_key_ = std::move(*instance_key);
  keystore.log_key_ = std::move(*log_key);
  if (const Status loaded = keystore.load_rotation(); !loaded) {
    return fail(loaded.error());
  }
  keystore.secret_ = std::move(*secret);
  keystore.accounts_ = std::move(*accounts);
  return keystore;
}

std::string Keystore::derived_key(std::string_view purpose) const {
  return std::string(view(hmac_sha256(secret_, purpose)));
}

const Operator* Keystore::find_operator(std::string_view kid) const {
  for (const Operator& one : accounts_.operators) {
    if (one.kid == kid) {
      return &one;
    }
  }
  return nullptr;
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
