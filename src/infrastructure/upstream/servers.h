// The registered servers and their upstreams by isolation key.
//
// Purpose:    the bridge asks for the upstream of (server, agent, session, era); this makes, finds,
//             bounds and reaps them. A server of both eras has one for each era that its clients
//             speak. docs/operations/servers.md
// Threading:  the I/O thread.
// Errors:     kNotFound (no such server), kOverloaded (the server's limit of upstreams is reached).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "infrastructure/http/message.h"
#include "infrastructure/mcp/param_headers.h"
#include "infrastructure/mcp/upstream.h"

namespace pawl::mcp {

enum class Isolation { kPerAgent, kPerSession, kShared };

// What the operator says of one tool (never taken from the server's word).
struct ToolPolicy {
  bool read_only = false;
  bool idempotent = false;
  std::vector<std::string> reads;  // argument paths or fixed resources it reads: "args.path"
  std::vector<std::string> writes;
};

struct ServerConfig {
  std::string name;  // [a-z0-9-]{1,63}
  // HTTP:
  std::string url;        // empty: stdio
  http::Headers headers;  // credentials, added at egress; never logged
  std::string ca_file;
  // stdio:
  std::vector<std::string> command;        // argv
  std::map<std::string, std::string> env;  // resolved values; besides an allow-list
  std::string cwd;                         // default: the configuration's folder
  Isolation isolation = Isolation::kPerAgent;
  std::size_t max_upstreams = 64;
  std::chrono::seconds idle_timeout{600};  // an unused upstream is closed
  std::chrono::seconds start_timeout{30};
  std::chrono::seconds call_timeout{300};
  std::map<std::string, ToolPolicy> tools;  // "*": all
};

// Makes the transport of a server: an HTTP upstream or a child process. `key` names the instance
// for logs ("agent:triage", "agent:triage modern").
using UpstreamFactory =
    std::function<std::unique_ptr<Upstream>(const ServerConfig& config, const std::string& key)>;

class Servers {
 public:
  Servers(std::vector<ServerConfig> configs, UpstreamFactory factory);
  ~Servers();

  std::vector<std::string> names() const;
  const ServerConfig* config(const std::string& server) const;
  // Gives one session an upstream of its own whose transport already exists (a wrap shim); it goes
  // with session_ended(). A name that is not configured is known only to such sessions.
  void attach(const std::string& server, const std::string& session,
              std::unique_ptr<Upstream> upstream);

  // The upstream for this agent, session and era by the server's isolation. Alive until its
  // session's end, idle time-out or its end; hold the shared_ptr while a call is open. A shim has
  // one process: its upstream is the same for both eras.
  Result<std::shared_ptr<Upstream>> upstream(const std::string& server, const std::string& agent,
                                             const std::string& session, Era era);
  // True: the session has a shim's upstream, whatever else is registered under the name.
  bool is_shim(const std::string& server, const std::string& session) const;
  // Closes an upstream that serves nobody: the server does not speak its era. Not a shim's.
  void release(const std::string& server, const std::shared_ptr<Upstream>& upstream);
  // One beside those, only to ask what the server speaks: gone when it is dropped. nullptr: no such
  // server, or no way to make one.
  std::unique_ptr<Upstream> spare(const std::string& server) const;
  // A session ended: its per-session upstreams are closed.
  void session_ended(const std::string& session);
  void close_idle(BootTime now);
  void close_all();

  // The inputSchema annotations of a tool, learned from the lists that passed; nullptr: not known.
  const std::vector<ParamHeader>* params_of(const std::string& server,
                                            const std::string& tool) const;
  void learn_params(const std::string& server, const std::string& tool,
                    std::vector<ParamHeader> params);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::mcp
