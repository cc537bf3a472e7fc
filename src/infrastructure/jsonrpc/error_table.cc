#include "infrastructure/jsonrpc/error_table.h"

#include "base/assert.h"
#include "base/json.h"
#include "foundation/records/names.h"

namespace pawl::jsonrpc {
namespace {

// code, /api status, JSON-RPC code, /mcp transport status, governance, title
constexpr std::array<ErrorRow, kErrorRows> kTable = {{
    {Code::kMalformed, 400, -32700, 400, false, "Malformed input"},
    {Code::kInvalidRequest, 400, -32600, 400, false, "Not a valid request"},
    {Code::kUnknownMethod, 404, -32601, 404, false, "Unknown method"},
    {Code::kInvalidParams, 400, -32602, 200, false, "Invalid parameters"},
    {Code::kHeaderMismatch, 400, -32020, 400, false, "Headers disagree with the body"},
    {Code::kMissingCapability, 400, -32021, 400, false, "A client capability is missing"},
    {Code::kUnsupportedVersion, 400, -32022, 400, false, "Unsupported protocol version"},
    {Code::kTooLarge, 413, -32600, 413, false, "Too large"},
    {Code::kUnauthenticated, 401, -32010, 401, false, "Not authenticated"},
    {Code::kForbidden, 403, -32011, 403, false, "Not allowed here"},
    {Code::kTokenInvalid, 403, -32012, 403, false, "Execution context token refused"},
    {Code::kPolicyTokenInvalid, 403, -32013, 200, true, "Policy token refused"},
    {Code::kDenied, 403, -32013, 200, true, "Denied by a rule"},
    {Code::kApprovalRequired, 403, -32013, 200, true, "Approval required"},
    {Code::kStopped, 409, -32014, 200, true, "Stopped by an operator"},
    {Code::kRevoked, 403, -32013, 200, true, "Revoked by an operator"},
    {Code::kOverloaded, 429, -32015, 200, true, "Over a limit"},
    {Code::kUpstreamUnavailable, 503, -32016, 200, true, "Server unavailable, nothing was sent"},
    {Code::kUpstreamFailed, 502, -32017, 200, true, "Outcome unknown"},
    {Code::kDeadlineExceeded, 504, -32017, 200, true, "Out of time"},
    {Code::kCancelled, 409, -32017, 200, true, "Withdrawn by the caller"},
    {Code::kEvidenceUnavailable, 503, -32018, 200, true, "Cannot record, so nothing happens"},
    {Code::kNotFound, 404, -32602, 200, false, "Not found"},
    {Code::kConflict, 409, -32019, 200, true, "The state moved on"},
    {Code::kBadSignature, 403, -32019, 200, true, "Signature refused"},
    {Code::kUndecidable, 403, -32019, 200, true, "Cannot decide"},
    {Code::kIo, 503, -32019, 200, true, "Storage or network failed"},
    {Code::kUnsupported, 501, -32019, 200, true, "Not supported by this configuration"},
    {Code::kInternal, 500, -32603, 200, true, "Internal error"},
}};

}  // namespace

const std::array<ErrorRow, kErrorRows>& error_table() {
  return kTable;
}

const ErrorRow& error_row(Code code) {
  const auto index = static_cast<std::size_t>(code);
  PAWL_ASSERT(index < kTable.size() && kTable[index].code == code, "the table follows the enum");
  return kTable[index < kTable.size() ? index : kTable.size() - 1];
}

std::string problem_type(Code code) {
  return std::string(names::kProblemPrefix).append(code_name(code));
}

std::string problem_json(const Error& error, std::string_view record) {
  const ErrorRow& row = error_row(error.code);
  std::string out = R"({"type":)" + json::quote(problem_type(error.code));
  out.append(R"(,"title":)").append(json::quote(row.title));
  out.append(R"(,"status":)").append(std::to_string(row.api_status));
  out.append(R"(,"detail":)").append(json::quote(error.message));
  if (!record.empty()) {
    out.append(R"(,"record":)").append(json::quote(record));
  }
  out += '}';
  return out;
}

}  // namespace pawl::jsonrpc
