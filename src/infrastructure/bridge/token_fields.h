// The Execution-Context fields of one request.
//
// Purpose:    how many and how large they may be; more tokens travel in the body (mcp/action.h).
// Threading:  pure functions.
// Source:     docs/formats/ect.md, "On HTTP".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infrastructure/http/message.h"

namespace pawl::bridge {

struct TokenFieldsRefused {
  int status = 400;
  std::string reason;
};

// nullopt: they may be read. `most_bytes` is of all of them together.
std::optional<TokenFieldsRefused> check_token_fields(const http::Headers& headers,
                                                     std::size_t most_bytes);
std::vector<std::string> token_fields(const http::Headers& headers);

}  // namespace pawl::bridge
