#include "infrastructure/bridge/approval_pages.h"

#include <algorithm>

#include "base/json.h"
#include "infrastructure/bridge/core.h"
#include "infrastructure/mcp/approval_shapes.h"

namespace pawl::bridge {

Result<std::string> PageAnswer::ask() {
  Result<std::string> id = session_->ask(shared_from_this());
  if (id) {
    our_id_ = *id;
  }
  return id;
}

void PageAnswer::client_answered(const jsonrpc::Message& response) {
  session_->answered(std::exchange(our_id_, {}));
  const json::Value* result = response.result_value();
  const bool is_opened =
      result != nullptr && json::find_string(*result, {"action"}).value_or("") == "accept";
  if (!is_opened && declined_) {
    std::exchange(declined_, nullptr)();
  }
}

std::string PageAnswer::leave() {
  declined_ = nullptr;
  if (!our_id_.empty()) {
    session_->answered(our_id_);
  }
  return std::exchange(our_id_, {});
}

void ApprovalPages::opened(const Uuid& approval, const std::shared_ptr<Session>& session) {
  const bool known = std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& one) {
    return one.first == approval && one.second.lock() == session;
  });
  if (known) {
    return;
  }
  if (waiting_.size() >= kMost) {
    waiting_.pop_front();
  }
  waiting_.emplace_back(approval, session);
}

void ApprovalPages::changed(Core& core, const Uuid& approval) {
  const std::string told = jsonrpc::notification(
      mcp::kElicitationComplete, R"({"elicitationId":)" + json::quote(approval.text()) + "}");
  std::erase_if(waiting_, [&](const auto& one) {
    const std::shared_ptr<Session> session = one.second.lock();
    if (session == nullptr || session->ended()) {
      return true;
    }
    if (one.first != approval) {
      return false;
    }
    const Result<HeldStanding> stands = core.parts.gateway.standing_of(approval, session->caller());
    if (stands && stands->state == HeldStanding::State::kPending) {
      return false;
    }
    session->standalone()->send(
        told, core.parts.gateway.plumbing_gate(session->caller(), session->server()), nullptr);
    return true;
  });
}

}  // namespace pawl::bridge
