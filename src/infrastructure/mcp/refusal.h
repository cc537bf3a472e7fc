// How a refusal reaches an MCP peer (design, section 12).
//
// Purpose:    tools/call: a result with isError whose text a model can act on; everything else, and
//             protocol errors of any method: a JSON-RPC error. Both carry code, rule, record and
//             whether retrying helps.
// Threading:  pure functions.
// Source:     docs/formats/mcp.md, "Refusals".
//
// Example:
//   std::string text = refusal_response(message, era, refusal, record);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/era.h"
#include "path/exchange.h"

namespace pawl::mcp {

// The JSON-RPC code for a peer of that era: -32020..-32022 exist only in the modern one.
int rpc_code(Code code, Era era);

// The whole response to `request`. A nil record id means that no record of its own was written;
// `proof` is the address of the record's proof, `token` the record's token; empty: not told.
std::string refusal_response(const jsonrpc::Message& request, Era era, const Refusal& refusal,
                             const Uuid& record, std::string_view proof = {},
                             std::string_view token = {});
// The two forms, without the envelope.
std::string refusal_result(Era era, const Refusal& refusal, const Uuid& record,
                           std::string_view proof = {}, std::string_view token = {});
std::string refusal_error(Era era, const Refusal& refusal, const Uuid& record,
                          std::string_view proof = {}, std::string_view token = {});
// The sentence for people and models: what was refused, why, and what to do now.
std::string refusal_text(const Refusal& refusal, const Uuid& record);

// An error response for a Fault or an Error of the transport or the decoder.
std::string fault_response(std::string_view id_text, const jsonrpc::Fault& fault, Era era);
std::string fault_response(std::string_view id_text, const Error& error, Era era);
// The named refusals of docs/formats/mcp.md, "Eras".
jsonrpc::Fault modern_client_legacy_server(const std::string& server,
                                           const std::vector<std::string>& spoken,
                                           std::string_view requested);
jsonrpc::Fault legacy_client_modern_server(const std::string& server,
                                           const std::vector<std::string>& spoken,
                                           std::string_view requested);
jsonrpc::Fault unknown_method(std::string_view method, std::string_view revision);

}  // namespace pawl::mcp
