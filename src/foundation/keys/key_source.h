// Where a key of the keystore comes from: its own file, a credential of systemd, a token,
// or a signer.
//
// Purpose:    what the configuration says of a key (docs/operations/keys-in-hardware.md), and the
//             key itself. What is not a file of the keystore is read, and never made or changed.
// Threading:  any thread.
// Errors:     parse: kInvalidParams. open: kNotFound (no such credential, or not started with any;
//             no such token or key), kForbidden (others may read it), kMalformed (another kind of
//             key), kUnauthenticated (the PIN), kIo.
// Not errors: no source: the keystore's own file.
//
// Example:
//   Result<KeySource> source = KeySource::parse("credential:pawl-instance");
//   Result<SigningKey> key = open_key_source(files, *source, KeyKind::kP256, "/run/credentials/p");
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/pkcs11/pkcs11_uri.h"

namespace pawl {

struct KeySource {
  enum class Kind { kFile, kCredential, kToken, kSigner };
  Kind kind = Kind::kFile;
  std::string text;  // as configured, less the query of a URI; empty: not at all
  std::string name;  // of the credential; of a signer, its socket
  std::optional<Pkcs11Uri> uri;

  // "" and "file", "credential:NAME", "pkcs11:..." (token_key.h), "signer:SOCKET" (signer_key.h).
  static Result<KeySource> parse(const std::string& text);
  bool is_file() const { return kind == Kind::kFile; }
};

struct KeySources {
  KeySource instance, log;
  std::optional<KeySource> next;  // what a rotation goes over to
  std::string credentials;        // $CREDENTIALS_DIRECTORY; empty: none were handed over
};

// `source` is no file. `kind` is P-256 or Ed25519.
Result<SigningKey> open_key_source(Files& files, const KeySource& source, KeyKind kind,
                                   const std::string& credentials);
// Those of `sources` that are credentials can be read. Says which member of pawl.yaml is wrong.
Status check_credentials(Files& files, const KeySources& sources);
// A credential's bytes, whole. Whatever is wrong says which unit setting was expected.
Result<std::string> read_credential(Files& files, const std::string& credentials,
                                    const std::string& name);

}  // namespace pawl
