// The GET stream of a legacy server: what it says without being asked.
#include <algorithm>
#include <utility>

#include "infrastructure/upstream/http_link.h"

namespace pawl::mcp {

void HttpLink::listen() {
  listen_back_off_.started(BackOff::Time::clock::now());
  listening_ = std::make_unique<HttpStream>(
      pool, get(listen_event_id_), options.plumbing, options.max_bytes,
      [this](const std::string& data) {
        const auto self = shared_from_this();
        on_listen_event(data);
      },
      [this](const HttpAnswer& answer) {
        const auto self = shared_from_this();
        listening_.reset();
        on_listen_end(answer);
      });
}

void HttpLink::on_listen_event(const std::string& data) {
  Result<jsonrpc::Message> message = jsonrpc::decode(data);
  if (!message) {
    ++counters.garbage;
  } else if (message->kind == jsonrpc::Kind::kRequest ||
             message->kind == jsonrpc::Kind::kNotification) {
    route(std::move(*message), nullptr);
  } else {
    ++counters.unknown;
  }
}

void HttpLink::on_listen_end(const HttpAnswer& answer) {
  if (!is_open()) {
    return;
  }
  if (answer.status == 404 && has_session()) {
    session_gone();
    return;
  }
  const bool may_return = answer.is_stream || answer.status == 0 || answer.status >= 500;
  if (!may_return) {
    return;  // 405 and the like: this server has no such stream
  }
  if (!answer.last_event_id.empty()) {
    listen_event_id_ = answer.last_event_id;
  }
  const auto now = BackOff::Time::clock::now();
  listen_back_off_.ended(now);
  std::chrono::milliseconds wait = listen_back_off_.wait(now);
  if (answer.is_stream && answer.retry_ms) {
    const auto asked = std::chrono::milliseconds(std::min<std::uint64_t>(
        *answer.retry_ms, static_cast<std::uint64_t>(options.back_off.most.count())));
    wait = std::max(asked, options.back_off.first);
  }
  listen_timer_ = loop.after(wait, [this] { listen(); });
}

}  // namespace pawl::mcp
