// Which era a server speaks: the probe, the fallback, and what their answers mean.
//
// Purpose:    the rules of "Backward Compatibility" of MCP 2026-07-28, once for both transports.
// For
//             a modern client: server/discover, and a DiscoverResult or a modern error means
//             modern, anything else initialize. For a legacy one: initialize, and discover when it
//             fails.
// Threading:  pure functions.
// Errors:     judge_*: kUnsupportedVersion (no revision in common, both sides named),
//             kUpstreamFailed (a handshake refused, or an unusable result).
// Not errors: a probe that was not understood (kTryLegacy).
#pragma once

#include <string>
#include <string_view>

#include "infrastructure/mcp/upstream.h"

namespace pawl::mcp {

// {"name":"pawl","version":"..."}
std::string client_info(std::string_view version);

// Raw params of server/discover.
std::string discover_params(std::string_view info);
// Raw params of initialize: the client's masked capabilities and its revision where it is a legacy
// one, our client info. `client_params` may be empty.
std::string initialize_params(std::string_view client_params, std::string_view info);

struct Judgement {
  enum class Verdict { kOpen, kTryLegacy, kFailed };
  Verdict verdict = Verdict::kTryLegacy;
  UpstreamHello hello;  // kOpen
  Error error;          // kFailed
};

// `response` answers server/discover. A server that lists both eras is taken as modern.
Judgement judge_probe(const jsonrpc::Message& response);
Judgement judge_initialize(const jsonrpc::Message& response);

}  // namespace pawl::mcp
