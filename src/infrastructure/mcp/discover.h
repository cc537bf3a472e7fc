// What Pawl advertises: the upstream's own words, masked to what passes here.
//
// Purpose:    revisions and capabilities for one server and for /mcp; InitializeResult and
//             DiscoverResult for clients.
// Threading:  pure functions.
// Errors:     kUpstreamFailed: the upstream's result has no usable capabilities or revisions.
// Not errors: servers without a common revision (an empty list; the caller refuses by name).
//
// One server: its bytes pass, only `capabilities`, `protocolVersion` / `supportedVersions` and
// `cacheScope` are replaced. /mcp: revisions that all servers speak, capabilities that any has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "infrastructure/mcp/era.h"

namespace pawl::mcp {

// Revisions spoken by every list and by Pawl, newest first. No lists: none.
std::vector<std::string> common_revisions(const std::vector<std::vector<std::string>>& spoken);
// The revision an InitializeResult chose. Errors: kUpstreamFailed, kUnsupportedVersion.
Result<std::string> initialized_revision(std::string_view body);
// The revisions a DiscoverResult lists that are spoken here, newest first.
Result<std::vector<std::string>> discovered_revisions(std::string_view body);

// A capabilities object with only the members that pass here (raw JSON in and out, kept members
// keep their bytes): no `experimental`, no unknown member, of `extensions` only known ones.
std::string mask_server_capabilities(std::string_view capabilities);
std::string mask_client_capabilities(std::string_view capabilities);

// For a client of one server, from the upstream's own result.
Result<std::string> initialize_result(std::string_view upstream_result, std::string_view revision);
Result<std::string> discover_result(std::string_view upstream_result,
                                    const std::vector<std::string>& offered);

// Whether a server's result declares that it makes tasks of `tools/call` itself.
bool makes_tasks(std::string_view result);
// Declares that Pawl does: the legacy capability, the modern extension.
std::string with_own_tasks(std::string_view result, Era era);

// For a client of /mcp: `results` are the upstreams' results, `version` is Pawl's own.
Result<std::string> combined_initialize(const std::vector<std::string>& results,
                                        std::string_view revision, std::string_view version);
Result<std::string> combined_discover(const std::vector<std::string>& results,
                                      const std::vector<std::string>& offered,
                                      std::string_view version);

// What the server answers to `initialize` with `requested`: it when offered, else the newest legacy
// one offered; "" when none is (the client is refused by name).
std::string choose_revision(std::string_view requested, const std::vector<std::string>& offered);

}  // namespace pawl::mcp
