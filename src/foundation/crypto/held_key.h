// A signing key whose private part somebody else holds: a token, or nobody that this process knows.
//
// Purpose:    such a key goes wherever a SigningKey goes; its holder is asked for each signature.
// Threading:  sign() of a holder is called from any thread, as SigningKey::sign() is.
// Ownership:  the key shares its holder.
// Errors:     of the holder; kInternal: it gave something that the public part does not verify.
//             Whatever comes from outside is verified before it goes anywhere.
// Not for:    SigningKey::to_pem(): there is nothing to write.
//
// Example:
//   SigningKey key = held_key(public_part, std::make_shared<TokenKey>(...));
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "foundation/crypto/signing_key.h"

namespace pawl {

class KeyHolder {
 public:
  virtual ~KeyHolder() = default;
  // In the form of SigningKey::sign().
  virtual Result<std::string> sign(std::string_view message) const = 0;
  // As SigningKey::look(). Who cannot tell without a signature says nothing.
  virtual Status look() const { return {}; }
};

// `part` is a P-256 or an Ed25519 key.
SigningKey held_key(PublicKey part, std::shared_ptr<const KeyHolder> holder);

}  // namespace pawl
