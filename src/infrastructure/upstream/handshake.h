// Which era a server speaks: the probe, the fallback, and what their answers mean.
//
// Purpose:    the rules of "Backward Compatibility" of MCP 2026-07-28, once for both transports: a
//             DiscoverResult or a modern error means modern; anything else means initialize.
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

// `response` answers server/discover. A server of both eras is taken as legacy when
// `prefer_legacy`: the client that asks is one.
Judgement judge_probe(const jsonrpc::Message& response, bool prefer_legacy);
Judgement judge_initialize(const jsonrpc::Message& response);

}  // namespace pawl::mcp
