// The spans of one governed call: one for the call, one for each step it took.
//
// Purpose:    names and attributes by the OpenTelemetry conventions for MCP and GenAI
//             (docs/operations/traces.md); exists only for a call that is traced.
// Threading:  the I/O thread.
// Ownership:  owned by its Call; the SpanSink outlives it.
// Privacy:    no arguments, results, people or credentials; a resource loses its query and user.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/records/outcome.h"
#include "path/action.h"
#include "path/exchange.h"
#include "path/span.h"

namespace pawl {

class CallTrace {
 public:
  // Null when nobody listens, or when this call is not sampled.
  static std::unique_ptr<CallTrace> begin(SpanSink* sink, const Action& action, const Clock& clock);

  void step(std::string_view name, BootTime from, BootTime to);
  // The traceparent that the upstream is told: it names the span of the step "upstream".
  std::string upstream_traceparent() const;
  // How it ended; the last word counts. `refusal`, `answer`: what the caller was given, or null.
  void outcome(Outcome outcome, const Refusal* refusal, const Answer* answer);
  void end(const Action& action, BootTime now);

 private:
  CallTrace(SpanSink& sink, TraceStart start, WallTime wall, BootTime boot)
      : sink_(sink), start_(std::move(start)), wall_(wall), boot_(boot) {}
  WallTime wall_at(BootTime time) const { return WallTime{wall_.us + (time.us - boot_.us)}; }

  SpanSink& sink_;
  TraceStart start_;
  WallTime wall_;  // when it began; steps follow the boot clock from there
  BootTime boot_;
  std::vector<Span> steps_;
  std::string outcome_, error_type_, rpc_code_, control_, rule_;
};

}  // namespace pawl
