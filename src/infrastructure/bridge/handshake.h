// initialize and server/discover: what clients learn of the servers behind.
//
// Purpose:    only revisions that the upstream speaks are offered (on /mcp: that all speak), with
//             its capabilities masked. A server that is down is named on /mcp and fatal alone. Each
//             client gets an upstream of its own era.
// Threading:  the I/O thread; answers come later.
// Errors:     answered to the client: kUpstreamUnavailable, and the named refusals of an era that
//             the server does not speak.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"

namespace pawl::bridge {

struct Learned {
  std::map<std::string, mcp::UpstreamHello> up;               // in the era asked for
  std::map<std::string, std::vector<std::string>> other_era;  // server -> all that it speaks
  std::map<std::string, std::string> down;                    // server -> why
};

// The servers that /mcp is for this caller: those where it may use any list.
std::vector<std::string> visible_servers(const Core& core, const Caller& caller);

// Starts the servers' upstreams for this caller and era and tells what they said of themselves.
// Where some do not speak the era, it is known afterwards what the others speak besides.
void learn_hellos(const std::shared_ptr<Core>& core, const std::vector<std::string>& servers,
                  const Caller& caller, const std::string& connection, const mcp::Opening& opening,
                  std::function<void(Learned)> done);

// True: a stop covers this plumbing request, and it was answered so. `failed` runs before that.
bool refused_as_stopped(
    Core& core, const Inbound& in, const std::function<void()>& failed = [] {});

// A legacy client's initialize; in.session is new. `failed` ends it.
void answer_initialize(const std::shared_ptr<Core>& core, const Inbound& in,
                       std::function<void()> failed);
void answer_discover(const std::shared_ptr<Core>& core, const Inbound& in);

// What the client calls itself: "clientInfo.name", "clientInfo.version", unless it is very long.
std::map<std::string, std::string> client_info(const jsonrpc::Message& initialize);

}  // namespace pawl::bridge
