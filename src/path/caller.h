// Who acts: the verified identity behind a request.
//
// Threading:  a plain value. Only infrastructure/identity makes one from the network.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

enum class Proof {
  kNone,             // development mode only; every such caller is asserted
  kBearerKey,
  kJwt,
  kMutualTls,
  kPeerCredentials,  // Unix socket
};
std::string_view proof_name(Proof proof);

struct Caller {
  std::string agent;                // id of the enrolled agent; limits and stops bind to this
  std::vector<std::string> groups;
  std::string on_behalf_of;         // user, when the credential states one
  Proof proof = Proof::kNone;
  // What the client says of itself (clientInfo.name, ...): shown, never decided on.
  std::map<std::string, std::string> asserted;

  bool verified() const { return proof != Proof::kNone; }
};

}  // namespace pawl
