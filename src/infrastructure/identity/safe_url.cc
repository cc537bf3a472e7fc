#include "infrastructure/identity/safe_url.h"

#include <boost/url/parse.hpp>

#include "infrastructure/identity/loopback.h"

namespace pawl::identity {

Status check_safe_url(std::string_view what, const std::string& url) {
  const auto parsed = boost::urls::parse_absolute_uri(url);
  const bool safe =
      parsed && !parsed->encoded_host().empty() && !parsed->has_userinfo() &&
      (parsed->scheme_id() == boost::urls::scheme::https ||
       (parsed->scheme_id() == boost::urls::scheme::http && is_loopback_host(parsed->host())));
  return safe ? Status{}
              : Status(fail(Code::kInvalidParams,
                            std::string(what) + " '" + url +
                                "': expected https, or http on a loopback address"));
}

}  // namespace pawl::identity
