#include "foundation/vault/vault.h"

#include "base/assert.h"
#include "base/encoding.h"
#include "foundation/crypto/aead.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/wipe.h"

namespace pawl::vault {
namespace {

constexpr std::string_view kWrapPurpose = "pawl.vault/1 wrap";
constexpr std::string_view kCheckPurpose = "pawl.vault-key/1 check";
constexpr std::size_t kCheckBytes = 16;

std::string random_key(Random& random) {
  std::string key = random.bytes(kKeyBytes);
  PAWL_CHECK(key.size() == kKeyBytes, "a random source gives what is asked");
  return key;
}

// One key for one purpose: the retention key itself encrypts nothing.
std::string wrapping_key(const KeyFile& key) {
  return std::string(view(hmac_sha256(key.key, kWrapPurpose)));
}

}  // namespace

std::string check_value(const KeyFile& key) {
  const std::string said =
      std::string(kCheckPurpose) + "\n" + key.retention + "\n" + std::to_string(key.made.us) + "\n";
  return base64url_encode(view(hmac_sha256(key.key, said)).substr(0, kCheckBytes));
}

KeyFile make_key(const std::string& retention, WallTime now, Random& random) {
  PAWL_CHECK(is_name(retention), "a retention is a name");
  KeyFile key{"", retention, now, random_key(random)};
  key.id = check_value(key);
  return key;
}

Status check_key(const KeyFile& key) {
  const std::string found = check_value(key);
  return found == key.id
             ? Status{}
             : Status(fail(Code::kBadSignature,
                           "its check value is " + found + "; expected the vault key " + key.id));
}

std::string seal_object(const KeyFile& key, const std::string& name, WallTime now,
                        std::string_view content, Random& random) {
  PAWL_CHECK(is_name(name) && content.size() <= kMaxContent, "checked by whoever puts it");
  ObjectHead head{name, key.retention, key.id, now, ""};
  std::string object_key = random_key(random);
  const WipedAtEnd wiped(object_key);
  std::string wrapping = wrapping_key(key);
  const WipedAtEnd wiped_too(wrapping);
  head.wrapped = aead_seal(wrapping, print_unwrapped(head), object_key, random);
  std::string file = print_head(head);
  return file + aead_seal(object_key, file, content, random);
}

Result<std::string> open_object(const KeyFile& key, std::string_view name, std::string_view file) {
  const Result<ReadHead> read = read_head(file);
  if (!read) {
    return fail(read.error());
  }
  const ObjectHead& head = read->head;
  if (head.name != name) {
    return fail(Code::kBadSignature,
                "is the object " + head.name + "; expected " + std::string(name));
  }
  if (head.key_id != key.id || head.retention != key.retention) {
    return fail(Code::kBadSignature, "was made with the vault key " + head.key_id + " of " +
                                         head.retention + ", not with " + key.id);
  }
  std::string wrapping = wrapping_key(key);
  const WipedAtEnd wiped(wrapping);
  Result<std::string> object_key = aead_open(wrapping, print_unwrapped(head), head.wrapped);
  if (!object_key) {
    return fail(Code::kBadSignature, "its head was altered");
  }
  const WipedAtEnd wiped_too(*object_key);
  Result<std::string> content = aead_open(*object_key, print_head(head), file.substr(read->size));
  return content
             ? content
             : Result<std::string>(fail(Code::kBadSignature, "its content was altered or cut off"));
}

}  // namespace pawl::vault
