#include "foundation/keys/key_file.h"

#include "foundation/keys/private_file.h"

namespace pawl {

std::string_view kind_name(KeyKind kind) {
  switch (kind) {
    case KeyKind::kP256:
      return "a P-256 key";
    case KeyKind::kP384:
      return "a P-384 key";
    case KeyKind::kEd25519:
      return "an Ed25519 key";
    case KeyKind::kRsa:
      return "an RSA key";
  }
  return "another key";
}

Result<SigningKey> key_of_pem(std::string_view pem, KeyKind kind) {
  Result<SigningKey> key = SigningKey::from_pem(pem);
  if (key && key->kind() != kind) {
    return fail(Code::kMalformed, "expected " + std::string(kind_name(kind)) + ", and it is " +
                                      std::string(kind_name(key->kind())));
  }
  return key;
}

Result<SigningKey> load_key_file(Files& files, const std::string& path, KeyKind kind) {
  const Result<std::string> pem = read_private_file(files, path);
  if (!pem) {
    return fail(pem.error());
  }
  Result<SigningKey> key = key_of_pem(*pem, kind);
  return key ? key : fail_at(path, key.error());
}

}  // namespace pawl
