// URLs that a client can call: read as a second parser reads them, and stable when put together.
#include "infrastructure/http/url.h"

#include <boost/url/parse.hpp>

#include "fuzz/support/fuzz.h"

namespace pawl::http {
namespace {

void check_as_second_reader(const std::string& text, const Url& url) {
  const auto other = boost::urls::parse_uri(text);
  if (!other) {
    return;  // it is stricter with the characters of a path
  }
  FUZZ_CHECK(!other->has_userinfo(), "user info is refused");
  FUZZ_CHECK(!other->has_fragment(), "a fragment is refused");
  FUZZ_CHECK(
      other->scheme_id() == (url.tls ? boost::urls::scheme::https : boost::urls::scheme::http),
      "two readers see one scheme");
  if (other->host_type() == boost::urls::host_type::ipv4 &&
      std::string(other->encoded_host()) != url.host) {
    return;  // Boost 1.81 takes the beginning of 1.2.3.4.5 for a host and loses the rest
  }
  if (other->host_type() == boost::urls::host_type::name) {
    FUZZ_CHECK(std::string(other->encoded_host()) == url.host, "two readers see one host");
  }
  const std::uint16_t port = other->has_port() && !other->port().empty()
                                 ? other->port_number()
                                 : static_cast<std::uint16_t>(url.tls ? 443 : 80);
  FUZZ_CHECK(port == url.port, "two readers see one port");
}

}  // namespace
}  // namespace pawl::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string text(fuzz::view(data, size));
  const Result<http::Url> url = http::parse_url(text);
  if (!url) {
    FUZZ_CHECK(url.error().code == Code::kInvalidRequest, "a bad URL is a bad request");
    return 0;
  }
  FUZZ_CHECK(!url->host.empty() && url->port != 0, "there is a host and a port");
  FUZZ_CHECK(url->target.front() == '/', "a target starts with a slash");
  for (const char c : url->target + url->authority + url->host) {
    FUZZ_CHECK(c > 0x20 && c < 0x7f, "nothing in it breaks a request line");
  }
  FUZZ_CHECK(url->authority.find_first_of("/?#@\\") == std::string::npos, "authority is one");
  http::check_as_second_reader(text, *url);
  const Result<http::Url> again =
      http::parse_url((url->tls ? "https://" : "http://") + url->authority + url->target);
  FUZZ_CHECK(again && again->host == url->host && again->port == url->port &&
                 again->target == url->target && again->tls == url->tls &&
                 again->authority == url->authority,
             "a URL put together reads the same");
  return 0;
}
