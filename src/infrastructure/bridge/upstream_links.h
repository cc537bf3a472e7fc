// Which sessions and calls an upstream serves, to tell whom an unsolicited message is for.
//
// Purpose:    stdio servers and GET streams send messages that name no call. A changed list goes to
//             every session; an update to those that subscribed; a request or data only where it
//             can
//             be tied to one session or one open call, else it is refused or dropped.
// Threading:  the I/O thread.
// Ownership:  holds upstreams, sessions and calls weakly.
// Source:     design, section 8: on a shared child a request that can't be tied to one call is
//             refused.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/upstream.h"

namespace pawl::bridge {

struct Core;
class Session;
class ClientCall;
struct Destination;

class UpstreamLinks {
 public:
  // Listens to the upstream on behalf of `server`, once.
  void listen(const std::shared_ptr<Core>& core, const std::string& server,
              const std::shared_ptr<mcp::Upstream>& upstream);
  void add_session(const mcp::Upstream* upstream, const std::shared_ptr<Session>& session);
  // A call of a session: messages for one call are for a session's only.
  void add_call(const mcp::Upstream* upstream, const std::shared_ptr<ClientCall>& call);
  void remove_call(const mcp::Upstream* upstream, const ClientCall* call);

 private:
  struct Link {
    std::string server;
    std::weak_ptr<mcp::Upstream> upstream;
    std::vector<std::weak_ptr<Session>> sessions;
    std::map<const ClientCall*, std::weak_ptr<ClientCall>> calls;
  };
  void unsolicited(const std::shared_ptr<Core>& core, const std::shared_ptr<Link>& link,
                   jsonrpc::Message message);
  void forget_dead();

  std::map<const mcp::Upstream*, std::shared_ptr<Link>> links_;
};

}  // namespace pawl::bridge
