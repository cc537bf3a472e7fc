// The `typ` of a JOSE header against a media type (RFC 7515, 4.1.9): without regard to ASCII case,
// and "application/" may be left out. Threading: pure.
#pragma once

#include <string_view>

#include "infrastructure/http/message.h"

namespace pawl::identity {

inline bool is_type(std::string_view typ, std::string_view subtype) {
  constexpr std::string_view kPrefix = "application/";
  return http::equal_ignoring_case(typ, subtype) ||
         (typ.size() == kPrefix.size() + subtype.size() &&
          http::equal_ignoring_case(typ.substr(0, kPrefix.size()), kPrefix) &&
          http::equal_ignoring_case(typ.substr(kPrefix.size()), subtype));
}

}  // namespace pawl::identity
