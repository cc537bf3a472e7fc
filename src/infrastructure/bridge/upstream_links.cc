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

// Whom a message of one upstream may be for.
struct Addressees {
  const std::shared_ptr<Core>& core;
  const std::string& server;
  std::shared_ptr<mcp::Upstream> upstream;
  std::vector<std::shared_ptr<Session>> sessions;

  // The session that a message can be tied to; nullptr: none or several.
  std::shared_ptr<Session> only(const std::shared_ptr<ClientCall>& only_call) const {
    if (only_call) {
      return only_call->inbound().session;
    }
    const mcp::ServerConfig* config = core->parts.servers.config(server);
    const bool shared = config == nullptr || config->isolation == mcp::Isolation::kShared;
    return !shared && sessions.size() == 1 ? sessions.front() : nullptr;
  }
  void deliver(const std::shared_ptr<Session>& session, const std::shared_ptr<ClientCall>& call,
               const jsonrpc::Message& message) const {
    deliver_notification(core, towards(server, upstream, session, call), message);
  }

  void cancel(const std::string& id) const {
    for (const auto& session : sessions) {
      for (const auto& request : session->all_asked()) {
        request->server_cancelled(upstream.get(), id);
      }
    }
  }

  void ask(const std::shared_ptr<ClientCall>& only_call, jsonrpc::Message request) const {
    if (const std::shared_ptr<Session> session = only(only_call)) {
      ServerRequest::start(core, towards(server, upstream, session, only_call), std::move(request));
      return;
    }
    ++core->counters.dropped_server_messages;
    if (upstream) {
      const Refusal refusal{
          Code::kForbidden, "bridge", "", "the request cannot be tied to one call", false, 0};
      upstream->answer(request.id_text, mcp::refusal_error(mcp::Era::kLegacy, refusal, Uuid{}),
                       true, core->parts.gateway.plumbing_gate(Caller{}, server), [](bool) {});
    }
  }

  void tell(const std::shared_ptr<ClientCall>& only_call, const jsonrpc::Message& message) const {
    const mcp::MethodInfo* info = mcp::find_method(message.method, mcp::kNewestLegacy,
                                                   mcp::Side::kServer, mcp::Form::kNotification);
    const bool update = info != nullptr && info->verb == kinds::kResourceUpdated;
    const bool to_all = info != nullptr && (message.method.ends_with("/list_changed") ||
                                            info->verb == kinds::kTaskStatus);
    if (update || to_all) {
      const json::Value* params = message.params_value();
      const auto uri = params ? json::find_string(*params, {"uri"}) : std::nullopt;
      for (const auto& session : sessions) {
        if (to_all || (uri && session->is_subscribed(server, *uri))) {
          deliver(session, nullptr, message);
        }
      }
    } else if (const std::shared_ptr<Session> session = only(only_call)) {
      deliver(session, only_call, message);
    } else {
      ++core->counters.dropped_server_messages;
    }
  }
};

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
  core->note_change(link->server, message.method);
  std::vector<std::shared_ptr<Session>> sessions = alive(link->sessions);
  std::erase_if(sessions, [](const auto& session) { return session->ended(); });
  const Addressees to{core, link->server, link->upstream.lock(), std::move(sessions)};
  if (const auto id = cancelled_id(message)) {
    to.cancel(*id);
    return;
  }
  // The one open call of a session here, if it is the only one.
  std::shared_ptr<ClientCall> only_call;
  std::size_t calls = 0;
  for (const auto& [raw, weak] : link->calls) {
    const std::shared_ptr<ClientCall> call = weak.lock();
    if (call && call->inbound().session) {
      only_call = ++calls == 1 ? call : nullptr;
    }
  }
  if (message.kind == jsonrpc::Kind::kRequest) {
    to.ask(only_call, std::move(message));
  } else if (message.kind == jsonrpc::Kind::kNotification) {
    to.tell(only_call, message);
  } else {
    ++core->counters.dropped_server_messages;
  }
}

}  // namespace pawl::bridge
