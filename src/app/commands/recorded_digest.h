// A digest of a record, plain or salted, and whether bytes are what it is of.
//
// Threading:  the main thread.
// Errors:     salt_in: as vault::Vault::salt (kNotFound: erased; kUndecidable: its key is lost).
// Not errors: a record without that digest: an empty one.
// Source:     docs/formats/salted_digests.md.
#pragma once

#include <string>
#include <string_view>

#include "foundation/crypto/sha256.h"
#include "foundation/jose/jws.h"
#include "foundation/vault/vault_store.h"

namespace pawl {

struct RecordedDigest {
  std::string of;      // its name among the salted ones
  std::string digest;  // 43 characters; empty: the record has none
  std::string key;     // of its salt; empty: it is plain
};

// `plain`: what the record has where it is not salted; empty: nothing.
RecordedDigest recorded_digest(const jose::Jws& record, std::string_view of, std::string plain);
// The salt; empty for a plain digest.
Result<std::string> salt_in(vault::Vault& vault, const Uuid& record, const RecordedDigest& digest);
// Errors: those of `salt`.
Result<bool> is_of(const RecordedDigest& recorded, const Digest& bytes,
                   const Result<std::string>& salt);

}  // namespace pawl
