#include "gateway/call_trace.h"

#include <algorithm>

#include "base/json.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxSteps = 32;  // a call that is decided anew again and again stays bounded
constexpr std::size_t kMaxText = 256;
constexpr std::uint64_t kUpstreamOffset =
    1;  // the span that the upstream is told, known beforehand
constexpr std::uint64_t kStepOffset = 2;
constexpr std::string_view kUpstream = "upstream";

std::string bounded(std::string_view text) {
  return std::string(text.substr(0, kMaxText));
}

// A request id is JSON text; the convention wants the string without its quotes.
std::string request_id(std::string_view raw) {
  const bool quoted = raw.size() >= 2 && raw.front() == '"';
  return bounded(quoted ? raw.substr(1, raw.size() - 2) : raw);
}

// What stands after ? or # and before @ may hold secrets.
std::string public_uri(std::string_view uri) {
  std::string out(uri.substr(0, uri.find_first_of("?#")));
  const std::size_t authority = out.find("://");
  if (authority != std::string::npos) {
    const std::size_t end = std::min(out.find('/', authority + 3), out.size());
    const std::size_t at = out.rfind('@', end);
    if (at != std::string::npos && at > authority) {
      out.erase(authority + 3, at - authority - 2);
    }
  }
  return bounded(out);
}

std::string span_name(const Action& action) {
  return action.tool.empty() ? action.method : action.method + " " + bounded(action.tool);
}

void describe(const Action& action, Span& span) {
  auto& out = span.attributes;
  out.emplace_back("mcp.method.name", action.method);
  const std::size_t slash = action.protocol.find('/');
  if (slash != std::string::npos) {
    out.emplace_back("mcp.protocol.version", action.protocol.substr(slash + 1));
  }
  if (!action.session.empty()) {
    out.emplace_back("mcp.session.id", action.session);
  }
  if (action.verb == kinds::kToolCall) {
    out.emplace_back("gen_ai.operation.name", "execute_tool");
    out.emplace_back("gen_ai.tool.name", bounded(action.tool));
  } else if (!action.tool.empty()) {
    out.emplace_back("gen_ai.prompt.name", bounded(action.tool));
  }
  if (!action.resource.empty()) {
    out.emplace_back("mcp.resource.uri", public_uri(action.resource));
  }
  out.emplace_back("pawl.server", action.server);
}

// The code of a JSON-RPC error object; empty for a tool's result.
std::string rpc_code(std::string_view body) {
  const auto code = body.starts_with('{') ? json::member(body, json::whole(body), "code")
                                          : std::optional<json::Span>{};
  const std::string_view text = code ? code->of(body) : std::string_view{};
  const bool number = !text.empty() && text.size() < 12 &&
                      text.find_first_not_of("-0123456789") == std::string_view::npos;
  return number ? std::string(text) : "";
}

}  // namespace

std::unique_ptr<CallTrace> CallTrace::begin(SpanSink* sink, const Action& action,
                                            const Clock& clock) {
  std::optional<TraceStart> start = sink ? sink->begin(action.traceparent) : std::nullopt;
  if (!start) {
    return nullptr;
  }
  const bool known = action.received_boot.us > 0;
  return std::unique_ptr<CallTrace>(new CallTrace(*sink, *std::move(start),
                                                  known ? action.received : clock.wall(),
                                                  known ? action.received_boot : clock.boot()));
}

void CallTrace::step(std::string_view name, BootTime from, BootTime to) {
  if (steps_.size() >= kMaxSteps) {
    return;
  }
  Span span;
  const bool upstream = name == kUpstream;
  span.id = start_.first_id + (upstream ? kUpstreamOffset : kStepOffset + steps_.size());
  span.kind = upstream ? Span::Kind::kClient : Span::Kind::kInternal;
  span.name = name;
  span.began = wall_at(from);
  span.ended = wall_at(to);
  span.attributes.emplace_back("pawl.step", std::string(name));
  steps_.push_back(std::move(span));
}

std::string CallTrace::upstream_traceparent() const {
  return "00-" + start_.trace_id + "-" + span_id_text(start_.first_id + kUpstreamOffset) + "-01";
}

void CallTrace::outcome(Outcome outcome, const Refusal* refusal, const Answer* answer) {
  outcome_ = outcome_name(outcome);
  if (refusal != nullptr) {
    error_type_ = code_name(refusal->code);
    control_ = refusal->control;
    rule_ = refusal->rule;
  } else if (answer != nullptr && !answer->success) {
    rpc_code_ = rpc_code(answer->body);
    error_type_ = rpc_code_.empty() ? "tool_error" : rpc_code_;
  }
}

void CallTrace::end(const Action& action, BootTime now) {
  Span call;
  call.id = start_.first_id;
  call.parent_id = start_.parent_id;
  call.kind = Span::Kind::kServer;
  call.name = span_name(action);
  call.began = wall_;
  call.ended = wall_at(now);
  describe(action, call);
  for (Span& step : steps_) {
    step.parent_id = span_id_text(start_.first_id);
    if (step.kind == Span::Kind::kClient) {
      step.name = call.name;
      step.failed = !error_type_.empty();
      step.attributes.insert(step.attributes.begin(), call.attributes.begin(),
                             call.attributes.end());
    }
  }
  auto& out = call.attributes;
  if (!action.request_id.empty()) {
    out.emplace_back("jsonrpc.request.id", request_id(action.request_id));
  }
  for (const auto& [key, value] :
       {std::pair<std::string_view, const std::string&>{"error.type", error_type_},
        {"rpc.response.status_code", rpc_code_},
        {"pawl.outcome", outcome_},
        {"pawl.control", control_},
        {"pawl.rule", rule_},
        {"pawl.agent", action.caller.agent}}) {
    if (!value.empty()) {
      out.emplace_back(key, value);
    }
  }
  out.emplace_back("pawl.record.id", action.id.text());
  call.failed = !error_type_.empty();
  steps_.insert(steps_.begin(), std::move(call));
  for (Span& span : steps_) {
    span.trace_id = start_.trace_id;
  }
  sink_.ended(steps_);
}

}  // namespace pawl
