// Our own keys and the accounts; with the ledger and the vault, a home of state that outlives us.
//
// Purpose:    DATA/keys holds the instance key (ES256, signs tokens), the public parts of those
//             that it followed, the log key (Ed25519, signs checkpoints), a local secret (HMAC and
//             AEAD keys are derived from it) and accounts.json: operators (public keys) and agents
//             (SHA-256 of their bearer keys).
// Threading:  immutable after open(), except the enrol functions (start-up and the operator path)
//             and the rotation of the instance key (the I/O thread, which alone uses it).
//             The instance key and the log key may come from a source instead (key_source.h); then
//             their public parts stand here, and no other key is taken for them.
// Errors:     kNotFound (no keystore: run `pawl init`; a source is missing), kMalformed with file
//             and line, kForbidden (a key file that others may read), kConflict (a source has
//             another key than this keystore), kIo.
// Not errors: no operators and no agents (then nobody may do anything).
// Privacy:    private keys never leave this class but through signing; nothing here is logged.
// Format:     docs/formats/keystore.md.
//
// Example:
//   Result<Keystore> keys = Keystore::open(system_files(), data + "/keys");
//   Result<std::string> token = jose::sign(keys->instance_key(), typ, keys->instance_kid(), json);
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/keys/accounts.h"
#include "foundation/keys/key_place.h"
#include "foundation/keys/key_source.h"

namespace pawl {

class Keystore {
 public:
  // Makes the folder and keys when missing (never replaces a key) and opens it. The folder that
  // holds `folder` must exist. kConflict: another process is changing the keystore.
  static Result<Keystore> create(Files& files, const std::string& folder, Random& random,
                                 const KeySources& sources = {});
  static Result<Keystore> open(Files& files, const std::string& folder, const KeySources& sources);
  // To look, and to change accounts: a key whose source is not known here signs nothing (kNotFound
  // says which member of pawl.yaml was expected), and its public part is there.
  static Result<Keystore> open(Files& files, const std::string& folder);
  // Whether an instance key was made here, or taken from a source.
  static bool stands(Files& files, const std::string& folder);
  // Whether it is whole, and a source holds one of its keys.
  static bool names_held_keys(Files& files, const std::string& folder);

  const SigningKey& instance_key() const { return *instance_key_; }
  const std::string& instance_kid() const { return instance_kid_; }
  // "instance.pem", or the source as configured.
  std::string instance_source() const {
    return instance_source_.empty() ? "instance.pem" : instance_source_;
  }
  // The instance keys of before, by kid: public parts only.
  const std::map<std::string, PublicKey>& former_keys() const { return former_keys_; }
  const SigningKey& log_key() const { return *log_key_; }

  // A rotation: prepare_next() makes the key that follows, unless one is prepared; adopt_next()
  // puts it into the instance key's place and keeps the public part of the one before. Both are
  // durable before they return. A crash leaves the old key in its place, or the new one; a failed
  // adopt_next() leaves this object with the old one, and the disk with either until
  // settle_instance() succeeds: whoever ends one of the two keys asks for that before. A source is
  // never written: prepare_next() then takes the key that is configured as the next one
  // (kConflict: there is none).
  const std::optional<SigningKey>& next_key() const { return next_key_; }
  std::string next_kid() const {
    return next_key_ ? next_key_->public_key().thumbprint() : std::string();
  }
  Status prepare_next();
  void forget_next();  // the next prepare_next() makes another one, or fails
  Status adopt_next();
  Status settle_instance();  // nothing to do, but after a failed adopt_next()
  // 32 bytes for one purpose ("request-state", "session", ...): HMAC of the local secret.
  std::string derived_key(std::string_view purpose) const;

  const std::vector<Operator>& operators() const { return accounts_.operators; }
  // What the file says now: another process may have enrolled somebody since it was opened.
  Result<std::vector<Operator>> read_operators() const;
  // nullptr when unknown.
  const Operator* find_operator(std::string_view kid) const;
  // The changes below are durable before they return, start from what the file says (another
  // process may have changed it) and fail with kConflict while another process is at it.
  // The same name and key again replaces the roles. kConflict: the name is taken by another key,
  // or the key by another name. kInvalidParams: a bad name (accounts.h), not an ES256 key.
  Status enrol_operator(const std::string& name, const PublicKey& key,
                        std::vector<std::string> roles);

  // Agents' bearer keys, stored as SHA-256 (the keys are random, so no slow hash is needed).
  // Returns the new key once: "pawl_" + 43 base64url characters; the digest is of that whole text.
  // An agent may have several keys; remove_agent removes all of them (kNotFound: unknown agent).
  Result<std::string> enrol_agent(const std::string& agent, Random& random);
  Status remove_agent(const std::string& agent);
  const std::map<std::string, std::vector<Digest>>& agents() const { return accounts_.agents; }

 private:
  struct Sourced;  // what the sources hold
  static Result<Sourced> open_sources(Files& files, const KeySources& sources);
  static Status make_files(Files& files, const std::string& folder, Random& random,
                           const Sourced& sourced);
  static Result<Keystore> open_with(Files& files, const std::string& folder, Sourced sourced);

  Keystore() = default;
  KeyPlace instance_place() const { return {*files_, folder_, "instance", KeyKind::kP256}; }
  Status load_former();
  Result<std::optional<SigningKey>> load_prepared() const;
  void take_next(const Sourced& sourced, std::optional<SigningKey> prepared);
  Status put_instance(const SigningKey& key, bool is_held);
  Status change_accounts(const std::function<Status(Accounts&)>& change);

  Files* files_ = nullptr;
  std::string folder_;
  std::optional<SigningKey> instance_key_;
  std::string instance_kid_;
  std::string instance_source_;  // empty: the file
  std::optional<SigningKey> next_key_;
  std::string next_source_;  // of a next key; empty: the file
  std::string why_no_next_;  // empty: a next key can be made
  bool instance_settled_ = true;
  std::map<std::string, PublicKey> former_keys_;
  std::optional<SigningKey> log_key_;
  std::string secret_;
  Accounts accounts_;
};

}  // namespace pawl
