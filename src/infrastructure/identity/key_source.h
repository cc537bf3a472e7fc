// Where the keys of one JWT issuer come from.
//
// Purpose:    the Authenticator asks for keys and says when it met an unknown one; how and when
//             keys are read is the source's business (jwks_source.h: a file or a URL).
// Threading:  any thread.
// Ownership:  the Authenticator shares the source; a returned set stays valid while it is held.
// Not errors: nullptr: no usable keys now. The caller fails closed.
#pragma once

#include <memory>

#include "foundation/jose/jwk_set.h"

namespace pawl::identity {

class KeySource {
 public:
  virtual ~KeySource() = default;
  // The newest usable set; never blocks on the network.
  virtual std::shared_ptr<const jose::JwkSet> keys() = 0;
  // A token named a key that is not in the set: the source may look again, at its own pace.
  virtual void unknown_key() = 0;
};

}  // namespace pawl::identity
