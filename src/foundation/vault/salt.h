// The salts of a record's digests, made with the retention key of its month.
//
// Purpose:    no salt is stored: each is an HMAC with a random key that the vault keeps, over the
//             record and the name of the digest. To whoever lacks the key it is as random as the
//             key; one that is handed out tells nothing of another; and who destroys the key
//             destroys all of them.
// Threading:  pure functions.
// Privacy:    a salt opens the digest of a small input: it is for whoever may know the input.
// Source:     docs/formats/salted_digests.md.
#pragma once

#include <string>
#include <string_view>

#include "base/uuid.h"
#include "foundation/vault/vault_wire.h"

namespace pawl::vault {

// 32 bytes. `of`: which digest of the record, "inp" for example.
std::string salt_of(const KeyFile& key, const Uuid& record, std::string_view of);

}  // namespace pawl::vault
