#include "app/daemon/event_feed.h"

#include "foundation/records/approval_use.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/outcome.h"
#include "gateway/folded_approvals.h"
#include "gateway/folded_record.h"
#include "operators/approval/quorum.h"

namespace pawl {
namespace {

std::string text_in(const json::Value& object, std::string_view name) {
  return std::string(json::find_string(object, {name}).value_or(""));
}

void put(json::Object& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out[name] = value;
  }
}

// Of which approval the record speaks, or of which it repeats a use; nullptr: of none.
const approval::Approval* approval_of(const FoldedRecord& record,
                                      const approval::ApprovalState& state) {
  const json::Value* member = json::find(record.body, {names::kBodyApproval});
  if (member == nullptr) {
    return nullptr;
  }
  const Result<ApprovalUse> use = read_approval_use(*member);
  const Result<Uuid> id = use                   ? Result<Uuid>(use->id)
                          : member->is_string() ? Uuid::parse(member->get_string())
                                                : fail(Code::kNotFound, "");
  return id ? state.find(*id) : nullptr;
}

EventSubject subject_of(const FoldedRecord& record, const approval::Approval* about) {
  if (about != nullptr && FoldedApprovals::has(record.kind)) {
    return {about->binding.agent, about->binding.server, about->binding.name};
  }
  const std::string tool = text_in(record.body, "tool");
  return {text_in(record.body, "agent"), text_in(record.body, "server"),
          tool.empty() ? text_in(record.body, "resource") : tool};
}

json::Object record_event(const FoldedRecord& record, const EventSubject& subject) {
  json::Object out{
      {"index", record.index}, {"id", record.id.text()}, {"kind", record.kind}, {"at", record.iat}};
  put(out, "agent", subject.agent);
  put(out, "server", subject.server);
  put(out, "name", subject.name);
  const auto decided =
      json::find_string(record.claims, {names::kClaimEctExt, names::kExtPolDecision});
  put(out, "outcome",
      std::string(shown_outcome(text_in(record.body, "outcome"), decided.value_or(""))));
  put(out, "workflow", text_in(record.claims, names::kClaimWid));
  put(out, "status", text_in(record.body, "status"));
  return out;
}

}  // namespace

void EventFeed::recorded(std::uint64_t index, std::string_view token) {
  if (!hub_.is_heard()) {
    return;
  }
  const auto iat = read_folded(index, token, [this](const FoldedRecord& record) {
    const approval::Approval* about = approval_of(record, state_);
    const EventSubject subject = subject_of(record, about);
    hub_.publish("record", subject, record_event(record, subject));
    if (about != nullptr && record.kind != kinds::kApprovalDelivered) {
      tell_approval(*about);
    }
  });
  (void)iat;  // a token of another profile has no event
}

void EventFeed::tell_approval(const approval::Approval& approval) {
  const EventSubject subject{approval.binding.agent, approval.binding.server,
                             approval.binding.name};
  json::Object out{{"approval", approval.id.text()},
                   {"phase", phase_name(approval.phase)},
                   {"needed", approval::people_needed(approval)},
                   {"expires", approval.expires_at}};
  put(out, "agent", subject.agent);
  put(out, "server", subject.server);
  put(out, "name", subject.name);
  hub_.publish("approval", subject, out);
}

void EventFeed::look_at(const override_::StopSet& stops) {
  std::map<Uuid, std::string> now;
  for (const override_::Stop& stop : stops.all()) {
    now.emplace(stop.id, stop.scope.text());
  }
  const auto tell = [this](const std::string& scope, std::string_view state) {
    hub_.publish("stop", {"", "", "", scope}, {{"scope", scope}, {"state", state}});
  };
  for (const auto& [id, scope] : now) {
    if (has_looked_ && !stops_.contains(id)) {
      tell(scope, "in force");
    }
  }
  for (const auto& [id, scope] : stops_) {
    if (!now.contains(id)) {
      tell(scope, "lifted");
    }
  }
  stops_ = std::move(now);
  has_looked_ = true;
}

}  // namespace pawl
