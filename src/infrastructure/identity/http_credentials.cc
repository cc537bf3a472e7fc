#include "infrastructure/identity/http_credentials.h"

#include <optional>
#include <string>
#include <string_view>

#include "infrastructure/identity/authenticator.h"

namespace pawl::identity {

Result<Credentials> credentials_of(const http::Request& request) {
  if (request.headers.count("Authorization") > 1) {
    return fail(Code::kUnauthenticated, std::string(kRefusalText));
  }
  Credentials credentials;
  if (const auto field = request.headers.get("Authorization")) {
    credentials.authorization = std::string(*field);
  }
  if (request.peer.client_certificate_pem) {
    credentials.certificate_uris = request.peer.uri_sans;
  }
  if (request.peer.credentials) {
    credentials.peer =
        PeerCredentials{.uid = request.peer.credentials->uid, .pid = request.peer.credentials->pid};
  }
  return credentials;
}

Status check_origin(const OriginPolicy& policy, const http::Request& request) {
  if (request.headers.count("Host") > 1 || request.headers.count("Origin") > 1) {
    return fail(Code::kForbidden, "Host and Origin: expected each at most once");
  }
  return policy.check(request.headers.get("Host"), request.headers.get("Origin"));
}

}  // namespace pawl::identity
