// A person's own key file: ES256, unencrypted PKCS #8 PEM, mode 0600, outside of the keystore.
//
// Purpose:    `pawl init` makes one for its user; resumes and approvals are signed with it, so the
//             server never holds it. The keystore knows its public part (Keystore::enrol_operator).
// Threading:  any thread.
// Errors:     kConflict (create: the file exists; a key is never replaced), kForbidden (load:
// others
//             may read it), kMalformed (load: no such key in it), kNotFound, kIo.
//
// Example:
//   Result<SigningKey> key = load_operator_key(system_files(), path);
//   Result<std::string> token = jose::sign(*key, "pawl-resume+jwt", kid, payload);
#pragma once

#include <string>

#include "base/files.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

// Durable before it returns. The folder must exist.
Result<SigningKey> create_operator_key(Files& files, const std::string& path);
Result<SigningKey> load_operator_key(Files& files, const std::string& path);

}  // namespace pawl
