// Host and Origin of an HTTP request: the guard against DNS rebinding and foreign web pages.
//
// Purpose:    a browser page must not reach a local listener under a name that its author controls.
// Threading:  immutable after construction; any thread.
// Errors:     kForbidden, naming what was expected (on MCP a bad Origin is HTTP 403).
// Not errors: no Origin field (not a browser); any port in Host on a loopback listener; an Origin
//             on the same host with another port (local tools do this; credentials are still
//             needed).
//
// Example:
//   OriginPolicy policy({.bound_to_loopback = true});
//   policy.check("localhost:7700", std::nullopt);                  // fine
//   policy.check("evil.example:7700", std::nullopt);               // kForbidden
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::identity {

struct OriginOptions {
  bool bound_to_loopback = false;
  // "gw.example.org" (any port), "gw.example.org:8443" or "[2001:db8::1]:8443".
  std::vector<std::string> allowed_hosts{};
  std::vector<std::string> allowed_origins{};  // "https://app.example.org", exact but for case
};

// The value of the one Host field names this machine: a loopback name or address, with any port.
bool is_of_loopback(std::string_view host);

// Whether an authority that the OriginPolicy lets through is this gateway's and nobody else's, so
// that what was signed for it was signed for this gateway: it has the listener's own port (0: not
// known), or the scheme's usual one under an allowed name, or it is allowed with its port.
bool is_own_authority(std::string_view host, bool tls, std::uint16_t own_port,
                      const std::vector<std::string>& allowed_hosts);

class OriginPolicy {
 public:
  explicit OriginPolicy(const OriginOptions& options);
  // host: the value of the one Host field; nullopt when it was missing (always refused).
  // origin: the value of the one Origin field; nullopt when there was none.
  Status check(std::optional<std::string_view> host, std::optional<std::string_view> origin) const;

 private:
  bool host_allowed(const std::string& host, const std::string& port) const;

  bool bound_to_loopback_;
  std::vector<std::string> allowed_hosts_;
  std::vector<std::string> allowed_origins_;
};

}  // namespace pawl::identity
