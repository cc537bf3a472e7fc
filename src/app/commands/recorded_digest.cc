#include "app/commands/recorded_digest.h"

#include <utility>

#include "foundation/crypto/salted_digest.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {

RecordedDigest recorded_digest(const jose::Jws& record, std::string_view of, std::string plain) {
  const auto salted = [&](std::string_view name) {
    return std::string(
        text_in_extension(record.typ, record.payload, {names::kExtSalted, name}).value_or(""));
  };
  RecordedDigest out{std::string(of), salted(of), salted(names::kSaltedKey)};
  return out.digest.empty() ? RecordedDigest{out.of, std::move(plain), ""} : out;
}

Result<std::string> salt_in(vault::Vault& vault, const Uuid& record, const RecordedDigest& digest) {
  return digest.key.empty() ? Result<std::string>("") : vault.salt(digest.key, record, digest.of);
}

Result<bool> is_of(const RecordedDigest& recorded, const Digest& bytes,
                   const Result<std::string>& salt) {
  if (!salt) {
    return fail(salt.error());
  }
  return digest_text(salt->empty() ? bytes : salted_digest(*salt, bytes)) == recorded.digest;
}

}  // namespace pawl
