// The media types of a request on the MCP endpoint.
// Threading: pure functions. Source: RFC 9110, section 12.5.1; quality values are not weighed.
#pragma once

#include <string_view>

#include "infrastructure/http/message.h"

namespace pawl::bridge {

// True when the Accept fields name `type`, or a range that holds it.
bool accepts(const http::Headers& headers, std::string_view type);
// A client that lists the stream first gets one at once, which it can resume from the beginning.
bool prefers_stream(const http::Headers& headers);
// Exactly one Content-Type, and it is application/json.
bool is_json(const http::Headers& headers);

}  // namespace pawl::bridge
