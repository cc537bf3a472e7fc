#include "infrastructure/identity/origin.h"

#include <algorithm>
#include <cctype>

#include "infrastructure/identity/loopback.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

struct HostPort {
  std::string host;  // lower case, IPv6 with brackets
  std::string port;  // empty when absent
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_host_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
}

bool is_address_character(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
}

// host[:port] of RFC 9110, with names in letters, digits and hyphens only: no user info, no
// percent-encoding, no zone.
std::optional<HostPort> parse_host(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end == 1 ||
        !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end),
                     is_address_character)) {
      return std::nullopt;
    }
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (end == 0 || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                                 is_host_character)) {
      return std::nullopt;
    }
  }
  HostPort out{.host = lower(text.substr(0, end)), .port = {}};
  std::string_view rest = text.substr(end);
  if (rest.empty()) {
    return out;
  }
  rest.remove_prefix(1);
  const bool digits =
      !rest.empty() && rest.size() <= 5 &&
      std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text[end] != ':' || !digits) {
    return std::nullopt;
  }
  out.port = rest;
  return out;
}

// The host of a serialised http or https origin (RFC 6454); "null" and paths are none.
std::optional<HostPort> parse_origin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) {
      return parse_host(origin.substr(scheme.size()));
    }
  }
  return std::nullopt;
}

std::vector<std::string> lowered(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const std::string& name : names) {
    out.push_back(lower(name));
  }
  return out;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

bool is_of_loopback(std::string_view host) {
  const std::optional<HostPort> named = parse_host(host);
  return named && is_loopback_host(named->host);
}

bool is_own_authority(std::string_view host, bool tls, std::uint16_t own_port,
                      const std::vector<std::string>& allowed_hosts) {
  const std::optional<HostPort> named = parse_host(host);
  if (!named) {
    return false;
  }
  const std::string usual = tls ? "443" : "80";
  const std::string& port = named->port.empty() ? usual : named->port;
  const std::vector<std::string> allowed = lowered(allowed_hosts);
  return (own_port != 0 && port == std::to_string(own_port)) ||
         (port == usual && contains(allowed, named->host)) ||
         contains(allowed, named->host + ":" + port);
}

OriginPolicy::OriginPolicy(const OriginOptions& options)
    : bound_to_loopback_(options.bound_to_loopback),
      allowed_hosts_(lowered(options.allowed_hosts)),
      allowed_origins_(lowered(options.allowed_origins)) {}

bool OriginPolicy::host_allowed(const std::string& host, const std::string& port) const {
  return (bound_to_loopback_ && is_loopback_host(host)) || contains(allowed_hosts_, host) ||
         (!port.empty() && contains(allowed_hosts_, host + ":" + port));
}

Status OriginPolicy::check(std::optional<std::string_view> host,
                           std::optional<std::string_view> origin) const {
  const std::optional<HostPort> asked = host ? parse_host(*host) : std::nullopt;
  if (plugged(ControlId::kHost) && (!asked || !host_allowed(asked->host, asked->port))) {
    return fail(Code::kForbidden, bound_to_loopback_
                                      ? "Host: expected a loopback name or a configured host"
                                      : "Host: expected a configured host");
  }
  if (!origin || contains(allowed_origins_, lower(*origin)) || !plugged(ControlId::kOrigin)) {
    return {};
  }
  const std::optional<HostPort> page = parse_origin(lower(*origin));
  if (page && asked &&
      (page->host == asked->host ||
       (is_loopback_host(page->host) && is_loopback_host(asked->host)))) {
    return {};
  }
  return fail(Code::kForbidden, "Origin: expected the same host or a configured origin");
}

}  // namespace pawl::identity
