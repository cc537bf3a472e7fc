// What protocol adapters may ask about approvals. Threading: the I/O thread.
#include <utility>

#include "gateway/gateway_core.h"

namespace pawl {

bool GatewayCore::may_be_held(const Caller& caller, const std::string& server,
                              std::string_view verb, std::string_view name) const {
  return services_.approvals != nullptr &&
         services_.controls.policy().may_be_held(caller, server, verb, name,
                                                 Moment{services_.recorder.now()});
}

Result<HeldStanding> GatewayCore::standing_of(const Uuid& approval, const Caller& caller) const {
  if (services_.approvals == nullptr) {
    return fail(Code::kNotFound, "approval: there is none of this id");
  }
  return services_.approvals->standing_of(approval, caller);
}

void GatewayCore::told_of_approval(const Uuid& approval) {
  if (services_.approvals != nullptr) {
    services_.approvals->delivered(approval);
  }
}

Status GatewayCore::cancel_approval(const Uuid& approval, const Caller& caller) {
  if (services_.approvals == nullptr) {
    return fail(Code::kNotFound, "approval: there is none of this id");
  }
  return services_.approvals->cancel(approval, caller);
}

void GatewayCore::on_approval_decided(std::function<void(const Uuid&)> handler) {
  if (services_.approvals != nullptr) {
    services_.approvals->on_decided(std::move(handler));
  }
}

}  // namespace pawl
