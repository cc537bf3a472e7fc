#include "infrastructure/http/url.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "infrastructure/http/message.h"

namespace pawl::http {

namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

// Splits "host:port"; false when it is neither a name nor an IP address with an optional port.
bool read_authority(std::string_view authority, Url& url) {
  std::size_t host_end = std::min(authority.find(':'), authority.size());
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) {
      return false;
    }
    host_end = bracket + 1;
    url.host = authority.substr(1, bracket - 1);
    const bool digits = url.host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
    if (!digits) {
      return false;
    }
  } else {
    url.host = authority.substr(0, host_end);
    if (!std::all_of(url.host.begin(), url.host.end(), is_host_character)) {
      return false;
    }
  }
  const std::uint16_t default_port = url.tls ? 443 : 80;
  url.port = default_port;
  const std::string_view rest = authority.substr(host_end);
  if (!rest.empty()) {
    const char* end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + 1, end, url.port);
    if (rest.front() != ':' || error != std::errc() || stop != end || url.port == 0) {
      return false;
    }
  }
  url.authority = authority.substr(0, host_end);
  if (url.port != default_port) {
    url.authority += ":" + std::to_string(url.port);
  }
  return !url.host.empty();
}

}  // namespace

Result<Url> parse_url(const std::string& text) {
  const auto bad = [&](const char* why) {
    return fail(Code::kInvalidRequest, "URL \"" + text + "\": " + why);
  };
  Url url;
  std::string_view rest = text;
  const std::size_t scheme = rest.find("://");
  if (scheme == std::string_view::npos) {
    return bad("expected http:// or https://");
  }
  url.tls = equal_ignoring_case(rest.substr(0, scheme), "https");
  if (!url.tls && !equal_ignoring_case(rest.substr(0, scheme), "http")) {
    return bad("expected http:// or https://");
  }
  const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '#' && c != '\\';
  });
  if (!plain) {
    return bad("expected no fragment, white space, backslash or non-ASCII character");
  }
  rest.remove_prefix(scheme + 3);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  if (!read_authority(rest.substr(0, path), url)) {
    return bad("expected host or host:port, without user info");
  }
  url.origin = (url.tls ? "https://" : "http://") + url.host + " " + std::to_string(url.port);
  url.target = rest.substr(path);
  if (url.target.empty() || url.target.front() != '/') {
    url.target.insert(url.target.begin(), '/');
  }
  return url;
}

}  // namespace pawl::http
