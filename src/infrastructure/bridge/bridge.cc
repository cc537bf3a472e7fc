#include "infrastructure/bridge/bridge.h"

#include <utility>

#include "base/assert.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/http_ingress.h"
#include "infrastructure/bridge/line_client.h"

namespace pawl::bridge {

Bridge::Bridge(BridgeParts parts, BridgeOptions options)
    : core_(std::make_shared<Core>(parts, std::move(options))) {
  PAWL_CHECK(core_->options.key.size() >= 32, "the bridge needs a key of 32 bytes");
  parts.gateway.on_stops([weak = std::weak_ptr<Core>(core_)] {
    if (const std::shared_ptr<Core> core = weak.lock()) {
      core->follower.recheck(core);
      core->end_revoked_sessions();
    }
  });
  parts.gateway.on_approval_decided([weak = std::weak_ptr<Core>(core_)](const Uuid& approval) {
    if (const std::shared_ptr<Core> core = weak.lock()) {
      core->approval_pages.changed(*core, approval);
    }
  });
  core_->sessions.on_ended(
      [servers = &core_->parts.servers](const std::string& id) { servers->session_ended(id); });
}

Bridge::~Bridge() = default;

void Bridge::handle(http::Request request, std::shared_ptr<http::ResponseWriter> writer) {
  handle_http(core_, std::move(request), std::move(writer));
}

http::Entrance Bridge::check_head(const http::Request& head) {
  return bridge::check_head(*core_, head);
}

void Bridge::attach_stdio(Caller caller, const std::string& server,
                          std::unique_ptr<LineChannel> client, std::unique_ptr<mcp::Upstream> own,
                          std::function<void()> closed) {
  const auto attached =
      std::make_shared<LineClient>(core_, std::move(caller), server, std::move(client));
  if (own != nullptr) {
    core_->parts.servers.attach(server, attached->session_id(), std::move(own));
  }
  clients_.insert(attached);
  attached->start([this, weak = std::weak_ptr<LineClient>(attached), closed = std::move(closed)] {
    clients_.erase(weak.lock());
    if (closed) {
      closed();
    }
  });
}

void Bridge::tick() {
  core_->tick();
}

void Bridge::resume_tasks(const std::vector<OpenTask>& open) {
  core_->follower.resume(core_, open);
}

void Bridge::shut_down() {
  core_->follower.stop(core_);
  core_->sessions.end_all();
  for (const auto& client : std::exchange(clients_, {})) {
    client->close();
  }
}

std::size_t Bridge::sessions() const {
  return core_->sessions.size();
}
std::size_t Bridge::followed_tasks() const {
  return core_->follower.followed();
}
const BridgeCounters& Bridge::counters() const {
  return core_->counters;
}

}  // namespace pawl::bridge
