// The Execution-Context and Agent-Context-Policy fields of one request.
//
// Purpose:    how many and how large they may be; more tokens travel in the body (mcp/action.h).
// Threading:  pure functions.
// Source:     docs/formats/ect.md, "On HTTP"; docs/formats/acp.md, "Enforcement".
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

// nullopt: they may be read. `most_bytes` is of all fields of one name together.
std::optional<TokenFieldsRefused> check_token_fields(const http::Headers& headers,
                                                     std::size_t most_bytes);
std::vector<std::string> token_fields(const http::Headers& headers);
// The tokens of a chain, the issuer's first: the elements of all fields, parted by commas. An empty
// field is an element, too: what is there and holds nothing is no token, and is refused as one.
std::vector<std::string> policy_fields(const http::Headers& headers);

}  // namespace pawl::bridge
