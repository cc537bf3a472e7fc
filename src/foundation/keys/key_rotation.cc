// The instance key of the keystore and the one that follows it: Keystore, second part.
//
// Order: the next key is durable before anybody hears of it; the public part of the old one is
// durable before the new one takes its place. That is written anew, because what an earlier start
// wrote may not have reached the disk; what is left of it as the next key means nothing then. Of a
// key that a source holds, NAME.jwk takes the place of the file (key_place.h).
#include <utility>

#include "foundation/keys/key_file.h"
#include "foundation/keys/key_validity.h"
#include "foundation/keys/keystore.h"
#include "foundation/keys/sourced_keys.h"

namespace pawl {
namespace {

// With the one in use and the next one, as many as a log may know.
constexpr std::size_t kMostFormerKeys = KeyValidity::kMost - 2;
constexpr const char* kNextFile = "/next.pem";
constexpr const char* kFormerFolder = "/retired";
constexpr const char* kLockFile = "/lock";
constexpr std::string_view kSuffix = ".jwk";

std::string next_is_in_use(const std::string& source) {
  return "keys.next: " + source + " is the key in use; expected it as keys.instance, another one " +
         "as keys.next, and a restart";
}

Result<std::pair<std::string, PublicKey>> load_former_key(Files& files, const std::string& folder,
                                                          const std::string& name) {
  const std::string path = folder + "/" + name;
  Result<PublicKey> key = load_jwk_file(files, path, KeyKind::kP256);
  if (!key) {
    return fail(key.error());
  }
  std::string kid = name.substr(0, name.size() - kSuffix.size());
  if (key->thumbprint() != kid) {
    return fail(Code::kMalformed, path + ": expected a P-256 key under its thumbprint");
  }
  return std::pair(std::move(kid), *std::move(key));
}

}  // namespace

Result<std::optional<SigningKey>> Keystore::load_prepared() const {
  Result<SigningKey> next = load_key_file(*files_, folder_ + kNextFile, KeyKind::kP256);
  if (!next && next.error().code == Code::kNotFound) {
    return std::optional<SigningKey>();
  }
  return next ? Result<std::optional<SigningKey>>(*std::move(next)) : fail(next.error());
}

Status Keystore::load_former() {
  const std::string folder = folder_ + kFormerFolder;
  const Result<std::vector<std::string>> names = files_->list(folder);
  if (!names) {
    return names.error().code == Code::kNotFound ? Status{} : Status(fail(names.error()));
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(kSuffix)) {
      continue;  // of a write that was cut off
    }
    Result<std::pair<std::string, PublicKey>> former = load_former_key(*files_, folder, name);
    if (!former) {
      return fail(former.error());
    }
    former_keys_.insert(*std::move(former));
  }
  return {};
}

void Keystore::take_next(const Sourced& sourced, std::optional<SigningKey> prepared) {
  if (sourced.next) {
    if (sourced.next->key.public_key().thumbprint() == instance_kid_) {
      why_no_next_ = next_is_in_use(sourced.next->text);
    } else {
      next_key_ = sourced.next->key;
      next_source_ = sourced.next->text;
    }
    return;
  }
  if (!instance_source_.empty() && !sourced.instance.may_go_to_file) {
    why_no_next_ =
        "the key in use comes from " + instance_source_ +
        ", which Pawl never writes; expected the next key as keys.next in pawl.yaml, and "
        "a restart";
    return;
  }
  if (prepared && prepared->public_key().thumbprint() != instance_kid_) {
    next_key_ = std::move(prepared);
  }
}

void Keystore::forget_next() {
  if (next_key_ && !next_source_.empty()) {
    why_no_next_ = "keys.next: " + next_source_ +
                   " holds a key that this ledger has retired; expected another one";
  }
  next_key_.reset();
}

Status Keystore::prepare_next() {
  if (next_key_) {
    return {};
  }
  if (!why_no_next_.empty()) {
    return fail(Code::kConflict, why_no_next_);
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
  next_source_.clear();
  return {};
}

// A failed write may have replaced the file all the same, and a power cut may undo that.
Status Keystore::put_instance(const SigningKey& key, bool is_held) {
  instance_settled_ = false;
  Status written = instance_place().put(key, is_held);
  instance_settled_ = static_cast<bool>(written);
  return written;
}

Status Keystore::settle_instance() {
  if (instance_settled_) {
    return {};
  }
  const Result<std::unique_ptr<FileLock>> lock =
      files_->lock(folder_ + kLockFile, "settling which instance key is in use");
  return lock ? put_instance(*instance_key_, !instance_source_.empty())
              : Status(fail(lock.error()));
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
                      jwk_file_text(former));
  }
  if (!done) {
    return done;
  }
  if (done = put_instance(*next_key_, !next_source_.empty()); !done) {
    // Else settle_instance() tries again.
    static_cast<void>(put_instance(*instance_key_, !instance_source_.empty()));
    return done;
  }
  if (next_source_.empty()) {
    static_cast<void>(files_->remove(folder_ + kNextFile));
  } else {
    why_no_next_ = next_is_in_use(next_source_);
  }
  former_keys_.insert_or_assign(instance_kid_, former);
  instance_kid_ = next_key_->public_key().thumbprint();
  instance_key_ = std::exchange(next_key_, std::nullopt);
  instance_source_ = std::exchange(next_source_, std::string());
  return {};
}

}  // namespace pawl
