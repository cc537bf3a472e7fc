// The one table from Code to the wire: HTTP for /api, JSON-RPC, HTTP where MCP names it.
//
// Purpose:    every adapter looks its numbers up here; none decides a number itself.
// Threading:  constant data.
// Errors:     none: the table covers the whole enum (a test walks it).
//
// JSON-RPC numbers: those of JSON-RPC and MCP where they mean exactly this; else one of Pawl's own
// in -32010..-32019 (free in MCP and A2A), with the precise reason in `data`. -32002 is
// never sent, -32042 only by mcp/approval_shapes.h.
//
// Example:
//   const jsonrpc::ErrorRow& row = jsonrpc::error_row(Code::kDenied);  // 403, -32010, "denied"
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl::jsonrpc {

struct ErrorRow {
  Code code;
  int api_status;          // on /api (RFC 9457)
  int rpc_code;            // on /mcp
  int transport_status;    // HTTP on /mcp when the transport itself refuses; 200: always in-band
  bool governance;         // on tools/call: a tool result with isError instead of a JSON-RPC error
  std::string_view title;  // short, constant per code (RFC 9457 `title`)
};

// In the order of the enum. The problem type is names::kProblemPrefix + code_name(code).
inline constexpr std::size_t kErrorRows = static_cast<std::size_t>(Code::kInternal) + 1;
const std::array<ErrorRow, kErrorRows>& error_table();
const ErrorRow& error_row(Code code);

// An error in JSON-RPC form that may need data and an HTTP status of its own.
struct Fault {
  Code code = Code::kInternal;
  std::string message;
  std::string data;       // raw JSON object; empty: none
  int http_status = 200;  // of the answer that carries it over HTTP
};

// application/problem+json (RFC 9457): type, title, status, detail, and `record` when not empty.
std::string problem_json(const Error& error, std::string_view record = {});
std::string problem_type(Code code);

}  // namespace pawl::jsonrpc
