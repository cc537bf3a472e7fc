#include "infrastructure/bridge/hold_way.h"

#include "foundation/records/kinds.h"
#include "infrastructure/mcp/meta.h"

namespace pawl::bridge {
namespace {

bool declares(const Inbound& in, std::initializer_list<std::string_view> path) {
  if (in.era == mcp::Era::kLegacy) {
    return in.session != nullptr && in.session->declares(path);
  }
  const json::Value* capabilities =
      mcp::meta_value(in.message.params_value(), mcp::kMetaClientCapabilities);
  return capabilities != nullptr && json::find(*capabilities, path) != nullptr;
}

// The methods that a client of this era repeats with what its person did.
bool may_open_page(const Inbound& in) {
  return in.era == mcp::Era::kLegacy ? in.revision == mcp::kRevision20251125
                                     : in.info->may_need_input;
}

bool wants_task(const Inbound& in) {
  return in.era == mcp::Era::kLegacy ? in.own_task
                                     : in.info->verb == kinds::kToolCall &&
                                           declares(in, {"extensions", mcp::kExtensionTasks});
}

}  // namespace

HoldWay hold_way(const Inbound& in, const PendingApproval& pending, bool presents_tokens) {
  if (in.runs_task) {
    return HoldWay::kPlain;
  }
  if (wants_task(in) && !presents_tokens) {
    return HoldWay::kTask;
  }
  return !pending.address.empty() && may_open_page(in) && declares(in, {"elicitation", "url"})
             ? HoldWay::kPage
             : HoldWay::kPlain;
}

}  // namespace pawl::bridge
