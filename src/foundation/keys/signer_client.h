// Asks a signer's process for signatures (docs/formats/signer.md).
//
// Threading:  one thread at a time; each question blocks, for two seconds at most.
// Errors:     as base/os/line_client.h, with the socket in front; kForbidden: the signer does not
//             sign such a text, and says why.
#pragma once

#include <string>
#include <string_view>

#include "base/os/line_client.h"
#include "foundation/keys/signer_wire.h"

namespace pawl::signer {

class SignerClient {
 public:
  SignerClient(std::string socket, WhichKey key);

  Result<PublicKey> public_part();
  Result<std::string> sign(std::string_view message);
  Status look();  // whether somebody listens; it does not wait

 private:
  LineClient line_;
  const WhichKey key_;
};

}  // namespace pawl::signer
