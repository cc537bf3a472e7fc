// Where messages for one client go, whatever carries them.
//
// Purpose:    calls and server requests write JSON-RPC texts here and know nothing of HTTP, SSE or
//             lines. An Outlet takes messages at any time; a Reply belongs to one request.
// Threading:  the I/O thread. Callbacks never run inside the call that causes them.
// Ownership:  shared between the connection and the calls that still want to write.
// Not errors: writing to a client that is gone (`left` is told false).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/write_gate.h"
#include "infrastructure/http/message.h"

namespace pawl::bridge {

class Outlet {
 public:
  virtual ~Outlet() = default;
  // Queues one message. `left` (may be empty) is told once: true when the first byte was handed
  // over inside the gate, false when it never will be.
  virtual void send(std::string text, std::shared_ptr<WriteGate> gate,
                    std::function<void(bool)> left) = 0;
};

class Reply : public Outlet {
 public:
  struct Head {
    int status = 200;          // counts only where no event went before
    std::string_view token{};  // Execution-Context header of a single JSON answer
    http::Headers headers{};   // further ones of a single answer
  };
  // The response, last. `gate` may be null: refusals, which no stop may hold back.
  virtual void answer(std::string text, Head head, std::shared_ptr<WriteGate> gate) = 0;
  // `handler` runs once when the requester left in a way that withdraws the call (modern HTTP).
  virtual void on_gone(std::function<void()> handler) = 0;
  virtual std::size_t queued_bytes() const = 0;
  virtual void on_drained(std::function<void()> handler) = 0;
  // The rest comes late: a client that can resume the stream need not hold its connection.
  virtual void let_poll() {}
  virtual void keep_alive() {}  // bytes without meaning on a quiet stream
  // The requester cancelled and, by its protocol, wants no answer (stdio).
  virtual void cancelled() {}
};

}  // namespace pawl::bridge
