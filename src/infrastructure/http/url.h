// The absolute http and https URLs a client can call.
// Threading: pure. Errors: kInvalidRequest with the reason.
// Example:   parse_url("https://host/mcp?x=1") -> {tls, "host", 443, "/mcp?x=1"}
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace pawl::http {

struct Url {
  bool tls = false;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;     // path and query, starts with '/'
  std::string authority;  // for the Host field: port only when not the default
  std::string origin;     // scheme, host and port: who shares connections
};

// User info, fragments, white space and control characters are refused; so is an empty host.
Result<Url> parse_url(const std::string& text);

}  // namespace pawl::http
