// x-mcp-header: tool parameters that modern HTTP mirrors in Mcp-Param-* headers.
//
// Purpose:    read the annotations of an inputSchema; encode and decode mirrored values.
// Threading:  pure functions.
// Source:     MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters".
// Errors:     kInvalidParams: an annotation that the specification forbids; the tool is then left
//             out of lists and not called with mirrored headers.
// Not errors: a schema without annotations (an empty list).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::mcp {

struct ParamHeader {
  std::string name;               // "Region" of Mcp-Param-Region
  std::vector<std::string> path;  // chain of property names within `arguments`
};

Result<std::vector<ParamHeader>> param_headers(const json::Value& input_schema);

// A header value for `text`: itself when it is safe as a header, else =?base64?...?=.
std::string encode_header_value(std::string_view text);
// The reverse. Errors: kHeaderMismatch: characters a header may not have, bad base64.
Result<std::string> decode_header_value(std::string_view value);

}  // namespace pawl::mcp
