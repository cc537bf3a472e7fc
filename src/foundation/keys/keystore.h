// Our own keys and the accounts (design, section 3: the fourth home of state).
//
// Purpose:    DATA/keys holds the instance key (ES256, signs tokens), the log key (Ed25519, signs
//             checkpoints), a local secret (HMAC and AEAD keys are derived from it) and
//             accounts.json: operators (public keys) and agents (SHA-256 of their bearer keys).
// Threading:  immutable after open(), except the enrol functions (start-up and the operator path).
// Errors:     kNotFound (no keystore: run `pawl init`), kMalformed with file and line, kForbidden
//             (a key file that others may read), kIo.
// Privacy:    private keys never leave this class but through signing; nothing here is logged.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

struct Operator {
  std::string name;
  PublicKey key;       // ES256
  std::string kid;     // thumbprint
  std::vector<std::string> roles;  // "operator" may resume; empty may nothing
};

class Keystore {
 public:
  // Makes the folder and keys when missing (never replaces a key) and opens it.
  static Result<Keystore> create(Files& files, const std::string& folder, Random& random);
  static Result<Keystore> open(Files& files, const std::string& folder);

  const SigningKey& instance_key() const { return *instance_key_; }
  const std::string& instance_kid() const { return instance_kid_; }
  const SigningKey& log_key() const { return *log_key_; }
  // 32 bytes for one purpose ("request-state", "session", ...): HMAC of the local secret.
  std::string derived_key(std::string_view purpose) const;

  const std::vector<Operator>& operators() const { return operators_; }
  const Operator* find_operator(std::string_view kid) const;
  // Durable before it returns. kConflict: the name is taken by another key.
  Status enrol_operator(const std::string& name, const PublicKey& key,
                        std::vector<std::string> roles);

  // Agents' bearer keys, stored as SHA-256 (the keys are random, so no slow hash is needed).
  // Returns the new key once: "pawl_" + 43 base64url characters. Durable before it returns.
  Result<std::string> enrol_agent(const std::string& agent, Random& random);
  Status remove_agent(const std::string& agent);
  const std::map<std::string, std::vector<Digest>>& agents() const { return agents_; }

 private:
  Keystore() = default;
  Status save_accounts();

  Files* files_ = nullptr;
  std::string folder_;
  std::optional<SigningKey> instance_key_;
  std::string instance_kid_;
  std::optional<SigningKey> log_key_;
  std::string secret_;
  std::vector<Operator> operators_;
  std::map<std::string, std::vector<Digest>> agents_;
};

}  // namespace pawl
