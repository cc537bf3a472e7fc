#include "infrastructure/bridge/input_requests.h"

#include <utility>

#include "infrastructure/mcp/methods.h"

namespace pawl::bridge {
namespace {

constexpr std::string_view kInputRequests = "inputRequests";

struct Embedded {
  std::string text;
  const mcp::MethodInfo* info = nullptr;
};

Result<std::vector<Embedded>> embedded_in(std::string_view result) {
  const Result<json::Parsed> parsed = json::parse(result);
  const json::Value* map = parsed ? json::find(parsed->value, {kInputRequests}) : nullptr;
  if (map == nullptr || !map->is_object()) {
    return fail(Code::kUpstreamFailed, "inputRequests is no object");
  }
  const json::Span span = *json::member(result, json::whole(result), kInputRequests);
  std::vector<Embedded> out;
  for (const auto& entry : map->get_object()) {
    const auto method = json::find_string(entry.value(), {"method"});
    const mcp::MethodInfo* info = method ? mcp::find_embedded(*method) : nullptr;
    if (info == nullptr) {
      return fail(Code::kUnknownMethod, "inputRequests holds a method that is not known there");
    }
    const std::string_view key(entry.key().data(), entry.key().size());
    out.push_back({std::string(json::member(result, span, key)->of(result)), info});
  }
  return out;
}

}  // namespace

class InputRequests::Half final : public Exchange {
 public:
  explicit Half(std::shared_ptr<InputRequests> all) : all_(std::move(all)) {}
  void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) override {
    all_->allowed(std::move(gate), events);
  }
  void abandon(Loss) override {}  // a stop: its gate is closed now, and pass_gates() sees it
  void release(std::shared_ptr<WriteGate>, const Answer&, const RecordRef&) override {}
  void refuse(const Refusal& refusal, const RecordRef&) override { all_->denied(refusal); }

 private:
  std::shared_ptr<InputRequests> all_;
};

bool InputRequests::are_in(const json::Value& result) {
  const json::Value* map = json::find(result, {kInputRequests});
  return map != nullptr && !(map->is_object() && map->get_object().empty());
}

Status InputRequests::submit(const std::shared_ptr<Core>& core, std::string_view result,
                             const mcp::ActionContext& context,
                             const std::vector<std::string>& parent_tokens,
                             std::function<void(std::optional<Refusal>)> decided) {
  const Result<std::vector<Embedded>> embedded = embedded_in(result);
  if (!embedded) {
    return fail(embedded.error());
  }
  std::vector<Action> actions;
  for (const Embedded& request : *embedded) {
    mcp::ActionContext own = context;
    own.id = core->parts.gateway.new_id();
    Result<mcp::Decoded> decoded = mcp::make_embedded_action(request.text, *request.info, own);
    if (!decoded) {
      return fail(Code::kUpstreamFailed, decoded.error().message);
    }
    decoded->action.parent_tokens = parent_tokens;
    actions.push_back(std::move(decoded->action));
  }
  decided_ = std::move(decided);
  open_ = actions.size();
  for (Action& action : actions) {
    core->parts.gateway.submit(std::move(action), std::make_unique<Half>(shared_from_this()));
  }
  return {};
}

void InputRequests::allowed(std::shared_ptr<WriteGate> gate,
                            const std::shared_ptr<CallEvents>& events) {
  allowed_.emplace_back(std::move(gate), events);
  settle();
}

void InputRequests::denied(const Refusal& refusal) {
  if (open_ == 0) {
    return;  // after all were settled: how a released or dropped request ended
  }
  if (!refusal_) {
    refusal_ = refusal;
  }
  settle();
}

void InputRequests::settle() {
  if (--open_ == 0 && decided_) {
    std::exchange(decided_, nullptr)(refusal_);
  }
}

bool InputRequests::pass_gates() {
  for (const auto& [gate, events] : allowed_) {
    if (!gate->pass([] {})) {
      return false;
    }
  }
  return true;
}

void InputRequests::released(bool delivered) {
  for (const auto& [gate, weak] : std::exchange(allowed_, {})) {
    const std::shared_ptr<CallEvents> events = weak.lock();
    if (events && delivered) {
      events->answered(Answer{true, "{}"});
    } else if (events) {
      events->lost(Loss::kNotSent, "the result that asks was not released");
    }
  }
}

}  // namespace pawl::bridge
