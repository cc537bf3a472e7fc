#include "path/caller.h"

namespace pawl {

std::string_view proof_name(Proof proof) {
  switch (proof) {
    case Proof::kNone:
      return "none";
    case Proof::kBearerKey:
      return "bearer-key";
    case Proof::kJwt:
      return "jwt";
    case Proof::kMutualTls:
      return "mtls";
    case Proof::kPeerCredentials:
      return "peer-credentials";
  }
  return "none";
}

}  // namespace pawl
