// The requests that a modern server embeds in a result: each is an Action of its own.
//
// Purpose:    an input_required result is released only when every embedded request is allowed; one
//             that is denied refuses the call with its reason.
// Threading:  the I/O thread.
// Ownership:  held by the call; the gateway holds the Exchanges of the embedded Actions.
// Source:     MCP 2026-07-28, Multi Round-Trip Requests; SEP-2663 for tasks.
// Outcome:    of an embedded Action: confirmed when the result that carries it was released to the
//             client, error when it was not. What the client answers is governed as part of its
//             retry.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infrastructure/bridge/core.h"
#include "infrastructure/mcp/action.h"
#include "path/exchange.h"

namespace pawl::bridge {

class InputRequests : public std::enable_shared_from_this<InputRequests> {
 public:
  // True when the result holds embedded requests.
  static bool are_in(const json::Value& result);

  // Submits an Action for each request embedded in `result` (raw text). `decided` runs once, later
  // or from within, with the refusal of the first that was denied. Errors: kUpstreamFailed (not a
  // map of requests), kUnknownMethod (a method that servers may not embed).
  Status submit(const std::shared_ptr<Core>& core, std::string_view result,
                const mcp::ActionContext& context, const std::vector<std::string>& parent_tokens,
                std::function<void(std::optional<Refusal>)> decided);
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // The gates of all of them, passed before the result is released; false: one closed meanwhile.
  bool pass_gates();
  void released(bool delivered);

 private:
  class Half;
  void allowed(std::shared_ptr<WriteGate> gate, const std::shared_ptr<CallEvents>& events);
  void denied(const Refusal& refusal);
  void settle();

  std::size_t open_ = 0;
  std::vector<std::pair<std::shared_ptr<WriteGate>, std::weak_ptr<CallEvents>>> allowed_;
  std::optional<Refusal> refusal_;
  std::function<void(std::optional<Refusal>)> decided_;
};

}  // namespace pawl::bridge
