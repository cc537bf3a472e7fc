// The instance key of the keystore and the one that follows it: Keystore, second part.
//
// Order: the next key is durable before anybody hears of it; the public part of the old one is
// durable before the new one takes its place. That is written anew, because what an earlier start
// wrote may not have reached the disk; what is left of it as the next key means nothing then.
#include <utility>

#include "foundation/keys/key_file.h"
#include "foundation/keys/key_validity.h"
#include "foundation/keys/keystore.h"
#include "foundation/keys/private_file.h"

namespace pawl {
namespace {

// With the one in use and the next one, as many as a log may know.
constexpr std::size_t kMostFormerKeys = KeyValidity::kMost - 2;
constexpr const char* kInstanceFile = "/instance.pem";
constexpr const char* kNextFile = "/next.pem";
constexpr const char* kFormerFolder = "/retired";
constexpr const char* kLockFile = "/lock";
constexpr std::string_view kSuffix = ".jwk";

Result<std::pair<std::string, PublicKey>> load_former(Files& files, const std::string& folder,
                                                      const std::string& name) {
  const std::string path = folder + "/" + name;
  const Result<std::string> text = read_private_file(files, path);
  const Result<json::Parsed> parsed = text ? json::parse(*text) : fail(text.error());
  Result<PublicKey> key = parsed ? PublicKey::from_jwk(parsed->value) : fail(parsed.error());
  if (!key) {
    return fail_at(path, key.error());
  }
  std::string kid = name.substr(0, name.size() - kSuffix.size());
  if (key->kind() != KeyKind::kP256 || key->thumbprint() != kid) {
    return fail(Code::kMalformed, path + ": expected a P-256 key under its thumbprint");
  }
  return std::pair(std::move(kid), *std::move(key));
}

}  // namespace

Status Keystore::load_rotation() {
  Result<SigningKey> next = load_key_file(*files_, folder_ + kNextFile, KeyKind::kP256);
  if (!next && next.error().code != Code::kNotFound) {
    return fail(next.error());
  }
  if (next && next->public_key().thumbprint() != instance_kid_) {
    next_key_ = *std::move(next);
  }
  const std::string folder = folder_ + kFormerFolder;
  const Result<std::vector<std::string>> names = files_->list(folder);
  if (!names) {
    return names.error().code == Code::kNotFound ? Status{} : Status(fail(names.error()));
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(kSuffix)) {
      continue;  // of a write that was cut off
    }
    Result<std::pair<std::string, PublicKey>> former = load_former(*files_, folder, name);
    if (!former) {
      return fail(former.error());
    }
    if (former->first != instance_kid_) {  // else the rename behind it never came
      former_keys_.insert(*std::move(former));
    }
  }
  return {};
}

Status Keystore::prepare_next() {
  if (next_key_) {
    return {};
  }
  if (former_keys_.size() > kMostFormerKeys) {
    return fail(Code::kOverloaded, "the keystore has " + std::to_string(former_keys_.size() + 1) +
                                       " keys, as many as a log may know: begin a new data folder");
  }
  Result<SigningKey> key = SigningKey::generate(KeyKind::kP256);
  if (!key) {
    return fail(key.error());
  }
  const Result<std::unique_ptr<FileLock>> lock =
      files_->lock(folder_ + kLockFile, "preparing the next key");
  if (!lock) {
    return fail(lock.error());
  }
  if (Status written = write_file(*files_, folder_ + kNextFile, key->to_pem()); !written) {
    return written;
  }
  next_key_ = *std::move(key);
  return {};
}

// A failed write may have replaced the file all the same, and a power cut may undo that.
Status Keystore::put_instance(const SigningKey& key) {
  instance_settled_ = false;
  Status written = write_file(*files_, folder_ + kInstanceFile, key.to_pem());
  instance_settled_ = static_cast<bool>(written);
  return written;
}

Status Keystore::settle_instance() {
  if (instance_settled_) {
    return {};
  }
  const Result<std::unique_ptr<FileLock>> lock =
      files_->lock(folder_ + kLockFile, "settling which instance key is in use");
  return lock ? put_instance(*instance_key_) : Status(fail(lock.error()));
}

Status Keystore::adopt_next() {
  if (!next_key_) {
    return fail(Code::kConflict, "no next key is prepared");
  }
  const Result<std::unique_ptr<FileLock>> lock =
      files_->lock(folder_ + kLockFile, "changing the instance key");
  if (!lock) {
    return fail(lock.error());
  }
  const PublicKey former = instance_key_->public_key();
  const std::string folder = folder_ + kFormerFolder;
  Status done = make_durable_directory(*files_, folder);
  if (done) {
    done = write_file(*files_, folder + "/" + instance_kid_ + std::string(kSuffix),
                      former.to_jwk() + "\n");
  }
  if (!done) {
    return done;
  }
  if (done = put_instance(*next_key_); !done) {
    static_cast<void>(put_instance(*instance_key_));  // else settle_instance() tries again
    return done;
  }
  static_cast<void>(files_->remove(folder_ + kNextFile));
  former_keys_.insert_or_assign(instance_kid_, former);
  instance_kid_ = next_key_->public_key().thumbprint();
  instance_key_ = std::exchange(next_key_, std::nullopt);
  return {};
}

}  // namespace pawl
