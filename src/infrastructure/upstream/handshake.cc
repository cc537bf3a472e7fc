#include "infrastructure/upstream/handshake.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "infrastructure/jsonrpc/error_table.h"
#include "infrastructure/mcp/discover.h"
#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {
namespace {

using Verdict = Judgement::Verdict;

Judgement failed(Code code, std::string message) {
  return {Verdict::kFailed, {}, {code, std::move(message)}};
}

bool is_modern_error(std::int64_t code) {
  for (const Code known :
       {Code::kHeaderMismatch, Code::kMissingCapability, Code::kUnsupportedVersion}) {
    if (jsonrpc::error_row(known).rpc_code == code) {
      return true;
    }
  }
  return false;
}

// error.data.supported of an UnsupportedProtocolVersionError.
std::vector<std::string> supported_of(const jsonrpc::Message& response) {
  std::vector<std::string> out;
  const json::Value* list = json::find(*response.value, {"error", "data", "supported"});
  if (list != nullptr && list->is_array()) {
    for (const json::Value& item : list->get_array()) {
      if (item.is_string()) {
        out.emplace_back(item.get_string());
      }
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out.append(out.empty() ? "" : ", ").append(json::quote(word));
  }
  return out.empty() ? "none" : out;
}

Judgement judge_probe_error(const jsonrpc::Message& response) {
  if (!is_modern_error(response.error_code())) {
    return {};
  }
  const std::vector<std::string> supported = supported_of(response);
  if (!of_era(supported, Era::kLegacy).empty()) {
    return {};
  }
  if (response.error_code() == jsonrpc::error_row(Code::kUnsupportedVersion).rpc_code) {
    return failed(Code::kUnsupportedVersion,
                  "the server speaks the revisions " + joined(supported) + ", none of them ours");
  }
  return failed(Code::kUpstreamFailed, "the server refused server/discover with error " +
                                           std::to_string(response.error_code()));
}

}  // namespace

std::string client_info(std::string_view version) {
  return R"({"name":"pawl","version":)" + json::quote(version) + "}";
}

std::string discover_params(std::string_view info) {
  std::string out = "{" + json::quote(kMeta) + ":{" + json::quote(kMetaProtocolVersion) + ":" +
                    json::quote(kRevision20260728) + "," + json::quote(kMetaClientInfo) + ":";
  out.append(info).append(",").append(json::quote(kMetaClientCapabilities)).append(":{}}}");
  return out;
}

std::string initialize_params(std::string_view client_params, std::string_view info) {
  std::string revision(kNewestLegacy);
  std::string capabilities = "{}";
  const Result<json::Parsed> parsed = json::parse(client_params);
  if (parsed && parsed->value.is_object()) {
    const auto asked = json::find_string(parsed->value, {"protocolVersion"});
    if (asked && era_of(*asked) == Era::kLegacy) {
      revision = *asked;
    }
    if (const auto span = json::member(client_params, json::whole(client_params), "capabilities")) {
      capabilities = mask_client_capabilities(span->of(client_params));
    }
  }
  return R"({"protocolVersion":)" + json::quote(revision) + R"(,"capabilities":)" + capabilities +
         R"(,"clientInfo":)" + std::string(info) + "}";
}

Judgement judge_probe(const jsonrpc::Message& response) {
  if (response.kind == jsonrpc::Kind::kErrorResponse) {
    return judge_probe_error(response);
  }
  if (!response.result) {
    return {};
  }
  std::string body(response.result->of(response.text));
  const Result<std::vector<std::string>> revisions = discovered_revisions(body);
  if (!revisions) {
    return {};  // a server that answers everything with a result
  }
  std::vector<std::string> legacy = of_era(*revisions, Era::kLegacy);
  std::vector<std::string> modern = of_era(*revisions, Era::kModern);
  if (!legacy.empty() && modern.empty()) {
    return {};
  }
  if (modern.empty()) {
    return failed(Code::kUnsupportedVersion,
                  "the server speaks no protocol revision that is spoken here");
  }
  return {
      Verdict::kOpen, {Era::kModern, std::move(modern), std::move(body), std::move(legacy)}, {}};
}

Judgement judge_initialize(const jsonrpc::Message& response) {
  if (response.kind == jsonrpc::Kind::kErrorResponse) {
    return failed(Code::kUpstreamFailed, "the server refused initialize with error " +
                                             std::to_string(response.error_code()));
  }
  if (!response.result) {
    return failed(Code::kUpstreamFailed, "the server's answer to initialize holds no result");
  }
  std::string body(response.result->of(response.text));
  const Result<std::string> revision = initialized_revision(body);
  if (!revision) {
    return failed(revision.error().code, revision.error().message);
  }
  return {Verdict::kOpen, {Era::kLegacy, {*revision}, std::move(body)}, {}};
}

}  // namespace pawl::mcp
