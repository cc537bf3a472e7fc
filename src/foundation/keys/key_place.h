// One key of the keystore on the disk: NAME.pem holds it, or NAME.jwk names one held elsewhere.
//
// Purpose:    a key from a source (key_source.h) is a key of this keystore only when NAME.jwk has
//             its public part: another one in its place is told, and never taken. NAME.jwk decides
//             where both files stand.
// Threading:  as the Files.
// Ownership:  Files outlives it.
// Errors:     choose: kNotFound (named, and no source has it; no key at all), kConflict (a source
//             has another key; the private key still stands in NAME.pem), and those of the files.
// Not errors: a NAME.pem of a former key, which a rotation did not come to remove: it is removed.
// Format:     docs/formats/keystore.md.
//
// Example:
//   KeyPlace place(files, folder, "instance", KeyKind::kP256);
//   Result<KeyPlace::Chosen> key = place.choose({.given = {{"keys.instance", text, key}}});
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "foundation/crypto/signing_key.h"

namespace pawl {

class KeyPlace {
 public:
  // What the configuration has for this place, opened.
  struct Given {
    std::string member;  // "keys.instance"
    std::string text;    // "credential:NAME"
    SigningKey key;
  };
  struct Offer {
    std::vector<Given> given;     // that of the place itself first
    bool is_of_file = true;       // the configuration names no source for the place
    bool may_go_to_file = false;  // it lets a rotation go over to the file
    bool for_looking = false;     // nobody asked for sources: a named key may lack its holder
    std::string prepared;         // kid in the file of the next key, which may stand here already
    std::function<bool(const std::string& kid)> is_former;  // null: none ever was
  };
  struct Chosen {
    SigningKey key;
    std::string source;  // its text; empty: the file
  };

  KeyPlace(Files& files, const std::string& folder, const std::string& name, KeyKind kind)
      : files_(files),
        pem_(folder + "/" + name + ".pem"),
        jwk_(folder + "/" + name + ".jwk"),
        member_("keys." + name),
        kind_(kind) {}

  const std::string& pem() const { return pem_; }
  const std::string& jwk() const { return jwk_; }
  bool stands() const;
  Result<Chosen> choose(const Offer& offer) const;
  // Durable. `is_held`: only its public part is written, and then the file goes.
  Status put(const SigningKey& key, bool is_held) const;

 private:
  Result<std::optional<SigningKey>> held_in_file() const;
  Result<std::optional<PublicKey>> named() const;
  Result<Chosen> choose_named(const Offer& offer, const PublicKey& named,
                              const std::optional<SigningKey>& file) const;
  Status clear_file(const Offer& offer, const std::string& kid, const SigningKey& file,
                    const std::string& source) const;
  tl::unexpected<Error> not_given(const Offer& offer, const std::string& kid) const;

  Files& files_;
  std::string pem_, jwk_, member_;
  KeyKind kind_;
};

// A JWK and a newline, of `kind`. kMalformed with the path, kForbidden.
Result<PublicKey> load_jwk_file(Files& files, const std::string& path, KeyKind kind);
std::string jwk_file_text(const PublicKey& key);

}  // namespace pawl
