#include "infrastructure/bridge/upstream_links.h"

#include <algorithm>
#include <utility>

#include "foundation/records/kinds.h"
#include "infrastructure/bridge/client_call.h"
#include "infrastructure/bridge/server_notice.h"
#include "infrastructure/bridge/server_request.h"
#include "infrastructure/mcp/refusal.h"

namespace pawl::bridge {
namespace {

template <class T>
std::vector<std::shared_ptr<T>> alive(const std::vector<std::weak_ptr<T>>& weak) {
  std::vector<std::shared_ptr<T>> out;
  for (const std::weak_ptr<T>& each : weak) {
    if (std::shared_ptr<T> held = each.lock()) {
      out.push_back(std::move(held));
    }
  }
  return out;
}

Destination towards(const std::string& server, const std::shared_ptr<mcp::Upstream>& upstream,
                    const std::shared_ptr<Session>& session,
                    const std::shared_ptr<ClientCall>& call) {
  return Destination{session->caller(),
                     server,
                     session->revision,
                     session,
                     call ? std::shared_ptr<Outlet>(call->inbound().reply) : session->standalone(),
                     call,
                     upstream};
}

std::optional<std::string> cancelled_id(const jsonrpc::Message& message) {
  if (message.method != "notifications/cancelled" || !message.params) {
    return std::nullopt;
  }
  const auto span = json::member(message.text, *message.params, "requestId");
  return span ? std::optional<std::string>(span->of(message.text)) : std::nullopt;
}

}  // namespace

void UpstreamLinks::listen(const std::shared_ptr<Core>& core, const std::string& server,
                           const std::shared_ptr<mcp::Upstream>& upstream) {
  std::shared_ptr<Link>& link = links_[upstream.get()];
  if (link && !link->upstream.expired()) {
    return;
  }
  link = std::make_shared<Link>();
  link->server = server;
  link->upstream = upstream;
  upstream->on_unsolicited([this, weak_core = std::weak_ptr<Core>(core),
                            weak = std::weak_ptr<Link>(link)](jsonrpc::Message message) {
    const std::shared_ptr<Core> shared = weak_core.lock();
    const std::shared_ptr<Link> held = weak.lock();
    if (shared && held) {
      unsolicited(shared, held, std::move(message));
    }
  });
  forget_dead();
}

void UpstreamLinks::add_session(const mcp::Upstream* upstream,
                                const std::shared_ptr<Session>& session) {
  const auto found = links_.find(upstream);
  if (found == links_.end()) {
    return;
  }
  auto& sessions = found->second->sessions;
  sessions.erase(std::remove_if(sessions.begin(), sessions.end(),
                                [&](const std::weak_ptr<Session>& weak) {
                                  const auto held = weak.lock();
                                  return !held || held->ended() || held == session;
                                }),
                 sessions.end());
  sessions.push_back(session);
}

void UpstreamLinks::add_call(const mcp::Upstream* upstream,
                             const std::shared_ptr<ClientCall>& call) {
  const auto found = links_.find(upstream);
  if (found != links_.end()) {
    found->second->calls[call.get()] = call;
  }
}

void UpstreamLinks::remove_call(const mcp::Upstream* upstream, const ClientCall* call) {
  const auto found = links_.find(upstream);
  if (found != links_.end()) {
    found->second->calls.erase(call);
  }
}

void UpstreamLinks::forget_dead() {
  for (auto it = links_.begin(); it != links_.end();) {
    it = it->second->upstream.expired() ? links_.erase(it) : std::next(it);
  }
}

void UpstreamLinks::unsolicited(const std::shared_ptr<Core>& core,
                                const std::shared_ptr<Link>& link, jsonrpc::Message message) {
  const std::shared_ptr<mcp::Upstream> upstream = link->upstream.lock();
  std::vector<std::shared_ptr<Session>> sessions;
  for (auto& session : alive(link->sessions)) {
    if (!session->ended()) {
      sessions.push_back(std::move(session));
    }
  }
  if (const auto id = cancelled_id(message)) {
    for (const auto& session : sessions) {
      for (const auto& request : session->all_asked()) {
        if (request->upstream() == upstream.get() && request->server_id() == *id) {
          request->server_cancelled();
        }
      }
    }
    return;
  }
  // The one open call of a session here, if it is the only one.
  std::shared_ptr<ClientCall> only_call;
  std::size_t calls = 0;
  for (const auto& [raw, weak] : link->calls) {
    const std::shared_ptr<ClientCall> call = weak.lock();
    if (call && call->inbound().session) {
      ++calls;
      only_call = call;
    }
  }
  const mcp::ServerConfig* config = core->parts.servers.config(link->server);
  const bool shared = config == nullptr || config->isolation == mcp::Isolation::kShared;
  if (calls != 1) {
    only_call = nullptr;
  }
  std::shared_ptr<Session> session = only_call ? only_call->inbound().session : nullptr;
  if (!session && !shared && sessions.size() == 1) {
    session = sessions.front();
  }
  if (message.kind == jsonrpc::Kind::kRequest) {
    if (session) {
      ServerRequest::start(core, towards(link->server, upstream, session, only_call),
                           std::move(message));
    } else if (upstream) {
      ++core->counters.dropped_server_messages;
      const Refusal refusal{Code::kForbidden, "bridge", "",
                            "the request cannot be tied to one call", false, 0};
      upstream->answer(message.id_text, mcp::refusal_error(mcp::Era::kLegacy, refusal, Uuid{}),
                       true, core->parts.gateway.plumbing_gate(Caller{}, link->server),
                       [](bool) {});
    }
    return;
  }
  if (message.kind != jsonrpc::Kind::kNotification) {
    ++core->counters.dropped_server_messages;
    return;
  }
  const mcp::MethodInfo* info = mcp::find_method(message.method, mcp::kNewestLegacy,
                                                 mcp::Side::kServer, mcp::Form::kNotification);
  const bool to_all = info != nullptr && (message.method.ends_with("/list_changed") ||
                                          info->verb == kinds::kTaskStatus);
  if (info != nullptr && info->verb == kinds::kResourceUpdated) {
    const auto uri = message.params_value() ? json::find_string(*message.params_value(), {"uri"})
                                            : std::nullopt;
    for (const auto& each : sessions) {
      if (uri && each->is_subscribed(link->server, *uri)) {
        deliver_notification(core, towards(link->server, upstream, each, nullptr), message);
      }
    }
  } else if (to_all) {
    for (const auto& each : sessions) {
      deliver_notification(core, towards(link->server, upstream, each, nullptr), message);
    }
  } else if (session) {
    deliver_notification(core, towards(link->server, upstream, session, only_call),
                         std::move(message));
  } else {
    ++core->counters.dropped_server_messages;
  }
}

}  // namespace pawl::bridge
