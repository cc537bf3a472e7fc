#include "infrastructure/upstream/stdio_call.h"

#include <utility>

namespace pawl::mcp {

bool StdioCall::message(jsonrpc::Message message) {
  const std::size_t bytes = message.text.size();
  if (paused_ && held_bytes_ + bytes > kMaxHeldBytes) {
    return false;
  }
  auto shared = std::make_shared<jsonrpc::Message>(std::move(message));
  tell([shared](ExchangeEvents& events) { events.on_message(std::move(*shared)); }, bytes);
  return true;
}

void StdioCall::response(jsonrpc::Message response) {
  auto shared = std::make_shared<jsonrpc::Message>(std::move(response));
  tell(
      [this, shared](ExchangeEvents& events) {
        events_.reset();
        events.on_response(std::move(*shared));
      },
      0);
}

void StdioCall::lost(Loss loss, std::string detail) {
  tell(
      [this, loss, detail = std::move(detail)](ExchangeEvents& events) {
        events_.reset();
        events.on_lost(loss, detail);
      },
      0);
}

void StdioCall::tell(Event event, std::size_t bytes) {
  if (events_ != nullptr) {
    held_.emplace_back(std::move(event), bytes);
    held_bytes_ += bytes;
    deliver();
  }
}

void StdioCall::deliver() {
  if (std::exchange(delivering_, true)) {
    return;  // an event that causes another: the outer loop goes on
  }
  const std::shared_ptr<StdioCall> self = shared_from_this();
  while (!paused_ && events_ != nullptr && !held_.empty()) {
    auto [event, bytes] = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= bytes;
    const std::shared_ptr<ExchangeEvents> events = events_;
    event(*events);
  }
  if (events_ == nullptr) {
    held_.clear();
    held_bytes_ = 0;
  }
  delivering_ = false;
}

void StdioCall::resume() {
  if (std::exchange(paused_, false)) {
    loop_.post([self = shared_from_this()] { self->deliver(); });
  }
}

void StdioCall::detach() {
  events_.reset();
}

}  // namespace pawl::mcp
