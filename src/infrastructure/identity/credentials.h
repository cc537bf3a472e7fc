// What a peer showed of itself.
//
// Purpose:    an adapter (HTTP, Unix socket) fills this; the Authenticator judges it.
// Threading:  a plain value.
// Ownership:  `request` outlives it.
// Not errors: nothing shown at all (then only development mode gives a caller).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/http/message.h"

namespace pawl::identity {

// As the kernel states it for a Unix socket (SO_PEERCRED); never from the peer's own words.
struct PeerCredentials {
  std::uint32_t uid = 0;
  std::int32_t pid = 0;  // for the log only: pids are reused
};

struct Credentials {
  // The exact value of the one Authorization field; the adapter refuses a request with two.
  std::optional<std::string> authorization{};
  // Set when the client showed a certificate that TLS took: its URI names, maybe none.
  std::optional<std::vector<std::string>> certificate_uris{};
  std::string_view certificate_chain{};  // of the same: PEM, its own first; views into `request`
  std::string certificate_thumbprint{};  // of the same: SHA-256 of its DER form, base64url
  std::optional<PeerCredentials> peer{};
  // What a proof of possession speaks of; null: not HTTP, and no proof counts.
  const http::Request* request = nullptr;
  // What the client says of itself: "agent" selects where a choice is allowed; the rest is carried.
  std::map<std::string, std::string> asserted{};
};

}  // namespace pawl::identity
