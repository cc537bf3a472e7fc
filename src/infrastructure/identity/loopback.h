// Which host names mean this machine and nothing else.
//
// Threading:  pure function.
// Not errors: any text.
#pragma once

#include <string_view>

namespace pawl::identity {

// "localhost" (any case), 127.0.0.0/8 in dotted form, ::1 with or without brackets. Nothing that a
// resolver would have to be asked about, and no other spelling of these ("127.1", "localhost.").
bool is_loopback_host(std::string_view host);

}  // namespace pawl::identity
