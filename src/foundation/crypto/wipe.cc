#include "foundation/crypto/wipe.h"

#include <openssl/crypto.h>

namespace pawl {

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace pawl
