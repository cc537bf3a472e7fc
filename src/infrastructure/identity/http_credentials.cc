#include "infrastructure/identity/http_credentials.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/identity/authenticator.h"

namespace pawl::identity {

std::string certificate_thumbprint(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END";
  const std::size_t begin = pem.find(kBegin);
  const std::size_t end = begin == pem.npos ? pem.npos : pem.find(kEnd, begin + kBegin.size());
  if (end == pem.npos) {
    return "";
  }
  std::string body(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
  const Result<std::string> der = base64_decode(body);
  return der && !der->empty() ? digest_text(sha256(*der)) : "";
}

Result<Credentials> credentials_of(const http::Request& request) {
  if (request.headers.count("Authorization") > 1) {
    return fail(Code::kUnauthenticated, std::string(kRefusalText));
  }
  Credentials credentials;
  credentials.request = &request;
  if (const auto field = request.headers.get("Authorization")) {
    credentials.authorization = std::string(*field);
  }
  if (request.peer.client_certificate_pem) {
    credentials.certificate_uris = request.peer.uri_sans;
    credentials.certificate_chain = *request.peer.client_certificate_pem;
    credentials.certificate_thumbprint =
        certificate_thumbprint(*request.peer.client_certificate_pem);
    if (credentials.certificate_thumbprint.empty()) {  // what has no name could not be revoked
      return fail(Code::kUnauthenticated, std::string(kRefusalText));
    }
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
