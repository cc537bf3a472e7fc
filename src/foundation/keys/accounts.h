// The accounts of one Pawl: operators (people, by public key) and agents (by hashed bearer key).
//
// Purpose:    the value behind DATA/keys/accounts.json and its text form
// (docs/formats/keystore.md). Threading:  plain values. Errors:     parse: kMalformed with the line
// or the JSON Pointer; the changes: kInvalidParams (a
//             name that is not 1..256 printable ASCII characters without space, quote or
//             backslash), kConflict, kNotFound.
// Not errors: no operators and no agents: then nobody may do anything.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

struct Operator {
  std::string name;
  PublicKey key;                   // ES256
  std::string kid;                 // thumbprint
  std::vector<std::string> roles;  // "operator" may resume; empty may nothing
};

// 1 to 256 printable ASCII characters without space, quote or backslash.
bool is_account_name(std::string_view text);
bool has_role(const Operator& person, std::string_view role);
// By the thumbprint of the key; nullptr: nobody.
const Operator* find_operator(std::span<const Operator> operators, std::string_view kid);

struct Accounts {
  std::vector<Operator> operators;                    // no two of one name or one key
  std::map<std::string, std::vector<Digest>> agents;  // no digest stands twice

  static Result<Accounts> parse(std::string_view text);
  std::string print() const;  // parse(print()) gives the same accounts

  // The same name with the same key replaces the roles. kConflict: name or key belongs to another.
  Status add_operator(const std::string& name, const PublicKey& key,
                      std::vector<std::string> roles);
  // A second key of one agent lets keys be rotated. kConflict: the key is known already.
  Status add_agent_key(const std::string& agent, const Digest& key);
  Status remove_agent(const std::string& agent);
};

}  // namespace pawl
