// Who comes in by the header of an HTTP request, or why not.
//
// Purpose:    path, Host and Origin, identity, server: what needs no body. Whoever comes with a
// good
//             token and without a proof that holds is refused, and that is a record.
// Threading:  the I/O thread.
// Errors:     `refusal`: 401, 403, 404, 503.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/http/message.h"
#include "path/caller.h"

namespace pawl::bridge {

struct Visitor {
  std::optional<http::Response> refusal;
  Caller caller;
  std::string server;  // empty: /mcp
};

// `pass`: kLook while the body has not arrived, kSpend when the request is served.
Visitor visitor(Core& core, const http::Request& request, identity::Pass pass);

// A JSON-RPC error of the transport, for a request whose era is not known.
http::Response http_refusal(int status, Code code, std::string message, http::Headers headers = {},
                            std::string_view id_text = {});

}  // namespace pawl::bridge
