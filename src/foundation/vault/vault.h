// The vault's core: an object sealed with a key of its own, which is wrapped with a retention key.
//
// Purpose:    who destroys a retention key erases every object that was put with it, copies
// included;
//             nothing else has to be found. A key's id is its check value: a key that is another
//             than an object was made with is told apart from an object that was altered.
// Threading:  pure functions; randomness is given.
// Errors:     open_object: kBadSignature (altered, cut off, another key, or an object under another
//             name), kMalformed and kUnsupported of vault_wire.h. check_key: kBadSignature.
// Not errors: an empty content.
// Privacy:    keys and contents are in no message.
// Source:     docs/formats/vault.md.
//
// Example:
//   KeyFile key = make_key("secret/search-token", now, random);
//   std::string file = seal_object(key, "secret/search-token", now, content, random);
//   Result<std::string> back = open_object(key, "secret/search-token", file);
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "foundation/vault/vault_wire.h"

namespace pawl::vault {

// A new retention key. `retention` is a name (vault_wire.h).
KeyFile make_key(const std::string& retention, WallTime now, Random& random);
// What `id` of such a key is: the first 16 bytes of an HMAC over what the file says beside it.
std::string check_value(const KeyFile& key);
// The file says what its key says.
Status check_key(const KeyFile& key);

// The bytes of an object file. `content`: at most kMaxContent bytes.
std::string seal_object(const KeyFile& key, const std::string& name, WallTime now,
                        std::string_view content, Random& random);
// The content, if `file` is the object `name` and `key` is the key that its head names.
Result<std::string> open_object(const KeyFile& key, std::string_view name, std::string_view file);

}  // namespace pawl::vault
