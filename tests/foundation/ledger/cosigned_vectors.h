// What golang.org/x/mod made with cosigners of its own: tests/e2e/verify/vectors/cosigned.
//
// Threading:  plain functions.
#pragma once

#include <map>
#include <string>

#include "base/encoding.h"
#include "base/files.h"
#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/crypto/signing_key.h"
#include "tests/support/source_dir.h"

namespace pawl::ledger {

inline std::string test_text(const std::string& path) {
  return *read_file(system_files(), source_dir() + "/tests/" + path);
}

inline json::Value test_json(const std::string& path) {
  return json::parse(test_text(path))->value;
}

// "vkeys" or "lines", by the short name of the witness.
inline std::map<std::string, std::string> of_witnesses(const std::string& member) {
  const json::Value all = test_json("e2e/verify/vectors/cosigned/witnesses.json");
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : json::find(all, {member})->get_object()) {
    out[std::string(name)] = std::string(value.get_string());
  }
  return out;
}

inline std::string cosigned_checkpoint() {
  return test_text("e2e/verify/vectors/cosigned/checkpoint");
}

// The log's lines only.
inline std::string bare_checkpoint() {
  const std::string all = cosigned_checkpoint();
  return all.substr(0, all.find("\xE2\x80\x94 witness"));
}

// RFC 8410 form of the seed that the Go program uses. For tests only.
inline SigningKey key_of(const std::string& name) {
  const std::string head = *hex_decode("302e020100300506032b657004220420");
  return *SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\n" +
                               base64_encode(head + std::string(view(sha256(name)))) +
                               "\n-----END PRIVATE KEY-----\n");
}

}  // namespace pawl::ledger
