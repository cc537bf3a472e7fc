// One open request on a stdio server.
//
// Purpose:    who hears of it, whether a byte of it left, and what waits for a slow reader.
// Threading:  the I/O thread; events run only from the loop, never inside pause() or resume().
// Ownership:  held by the link while it is open and by its handle; after detach() or the last event
//             nothing is told any more.
// Limits:     a paused call holds kMaxHeldBytes of messages (its response always fits): one shared
//             channel can't be stopped for one reader, so what is over is refused.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "infrastructure/mcp/upstream.h"
#include "infrastructure/net/event_loop.h"
#include "infrastructure/upstream/exchange_ids.h"

namespace pawl::mcp {

// The call's gate, and the memory of whether it was ever passed.
class CallGate final : public WriteGate {
 public:
  explicit CallGate(std::shared_ptr<WriteGate> inner) : inner_(std::move(inner)) {}
  bool pass(FunctionRef<void()> write) override {
    if (withdrawn_) {
      return false;
    }
    const auto once = [&] {
      begun_ = true;
      write();
    };
    if (inner_ == nullptr) {
      once();
      return true;
    }
    return inner_->pass(once);
  }
  bool begun() const { return begun_; }
  // Drops the line if no write of it was tried; a begun line goes on, or the framing would be lost.
  void withdraw() { withdrawn_ = !begun_; }

 private:
  const std::shared_ptr<WriteGate> inner_;
  bool begun_ = false;
  bool withdrawn_ = false;
};

class StdioCall : public std::enable_shared_from_this<StdioCall> {
 public:
  static constexpr std::size_t kMaxHeldBytes = 1024 * 1024;

  StdioCall(EventLoop& loop, ExchangeIds exchange_ids, std::shared_ptr<WriteGate> call_gate,
            std::shared_ptr<ExchangeEvents> events)
      : ids(std::move(exchange_ids)),
        gate(std::make_shared<CallGate>(std::move(call_gate))),
        loop_(loop),
        events_(std::move(events)) {}

  [[nodiscard]] bool message(jsonrpc::Message message);  // false: over the limit, not taken
  void response(jsonrpc::Message response);
  void lost(Loss loss, std::string detail);
  void pause() { paused_ = true; }
  void resume();
  void detach();

  const ExchangeIds ids;
  const std::shared_ptr<CallGate> gate;

 private:
  using Event = std::function<void(ExchangeEvents&)>;
  void tell(Event event, std::size_t bytes);
  void deliver();

  EventLoop& loop_;
  std::shared_ptr<ExchangeEvents> events_;  // null: nobody listens
  bool paused_ = false;
  bool delivering_ = false;
  std::deque<std::pair<Event, std::size_t>> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace pawl::mcp
