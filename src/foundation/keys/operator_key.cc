#include "foundation/keys/operator_key.h"

#include "foundation/keys/private_file.h"

namespace pawl {
Result<SigningKey> create_operator_key(Files& files, const std::string& path) {
  Result<SigningKey> key = SigningKey::generate(KeyKind::kP256);
  if (!key) {
    return key;
  }
  if (const Status status = create_file(files, path, key->to_pem()); !status) {
    return fail(status.error());
  }
  return key;
}

Result<SigningKey> load_operator_key(Files& files, const std::string& path) {
  const Result<std::string> pem = read_private_file(files, path);
  if (!pem) {
    return fail(pem.error());
  }
  Result<SigningKey> key = SigningKey::from_pem(*pem);
  if (!key) {
    return fail_at(path, key.error());
  }
  if (key->kind() != KeyKind::kP256) {
    return fail(Code::kMalformed, path + ": an operator's key must be EC on P-256 (ES256)");
  }
  return key;
}

}  // namespace pawl
