#include "foundation/keys/key_file.h"

#include "foundation/keys/private_file.h"

namespace pawl {

Result<SigningKey> load_key_file(Files& files, const std::string& path, KeyKind kind) {
  const Result<std::string> pem = read_private_file(files, path);
  if (!pem) {
    return fail(pem.error());
  }
  Result<SigningKey> key = SigningKey::from_pem(*pem);
  if (!key) {
    return fail_at(path, key.error());
  }
  if (key->kind() != kind) {
    return fail(Code::kMalformed, path + ": expected " +
                                      (kind == KeyKind::kP256 ? "a P-256" : "an Ed25519") + " key");
  }
  return key;
}

}  // namespace pawl
