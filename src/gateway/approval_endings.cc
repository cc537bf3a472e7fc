// What ends approvals by itself: time, other rules, keys that do not count any more. Threading: the
// I/O thread.
#include "gateway/approval_desk.h"
#include "operators/approval/quorum.h"
#include "path/plugged.h"

namespace pawl {

using approval::Approval;
using approval::Phase;

void ApprovalDesk::policy_changed() {
  if (!plugged(ControlId::kApprovalPolicy)) {
    return;
  }
  const approval::PolicyChanged command{std::string(parts_.policy_digest())};
  const Result<std::vector<approval::Event>> events =
      approval::decide(parts_.state, command, now());
  for (const approval::Event& event : *events) {
    record_end(event, std::get<approval::Expired>(event).id);
  }
}

void ApprovalDesk::tick() {
  for (const Uuid& id : parts_.state.due(now())) {
    const Result<std::vector<approval::Event>> events =
        approval::decide(parts_.state, approval::Expire{id}, now());
    if (events && !events->empty()) {
      record_end(events->front(), id);
    }
  }
  for (const auto& [id, one] : parts_.state.all()) {
    if (one.phase == Phase::kApproved && !still_agreed(one)) {
      record_end(approval::Expired{id, approval::Ending::kCancelled}, id);
    }
  }
  parts_.metrics.set_gauge("approvals_pending", static_cast<double>(pending_now().count));
  parts_.metrics.set_gauge("held_calls", static_cast<double>(held_.size()));
}

ApprovalDesk::Pending ApprovalDesk::pending_now() const {
  Pending out;
  for (const auto& [id, one] : parts_.state.all()) {
    if (one.phase == Phase::kPending) {
      out.first_expires =
          out.count++ == 0 ? one.expires_at : std::min(out.first_expires, one.expires_at);
    }
  }
  return out;
}

// Or other people are asked; not while another event of it is being recorded: the next look is
// soon.
void ApprovalDesk::record_end(const approval::Event& event, const Uuid& approval) {
  if (!changing_.insert(approval).second) {
    owed_ends_.insert_or_assign(approval, event);
    return;
  }
  record(event, nullptr, [this, approval](const Result<RecordRef>&) {
    recorded_change(approval);
    ended(approval);
    wake(approval);
  });
}

// What was to end it while something else of it was being recorded, does so now.
void ApprovalDesk::recorded_change(const Uuid& approval) {
  changing_.erase(approval);
  const auto owed = owed_ends_.extract(approval);
  const Approval* one = parts_.state.find(approval);
  const bool is_over = owed && std::holds_alternative<approval::Expired>(owed.mapped());
  if (is_over && one != nullptr && one->live()) {
    record_end(owed.mapped(), approval);
  }
}

// Enough people, without those whose keys were revoked or removed since they signed.
bool ApprovalDesk::still_agreed(const Approval& one) const {
  std::vector<approval::Signed> by = one.by;
  std::erase_if(by, [this](const approval::Signed& signed_) {
    return !signed_.by_rule &&
           (parts_.is_revoked(signed_.key) || parts_.operators.find(signed_.key) == nullptr);
  });
  return approval::standing(one.terms, by, approval::requester_of(one)).met ||
         !plugged(ControlId::kSignersStand);
}

void ApprovalDesk::ended(const Uuid& approval) {
  const Approval* one = parts_.state.find(approval);
  if (one == nullptr || !one->live()) {
    parts_.arguments.erase(approval);
  }
}

void ApprovalDesk::wake(const Uuid& approval) {
  for (const HeldCalls::Wake& one : held_.take(approval)) {
    one();
  }
  if (on_decided_) {
    on_decided_(approval);
  }
}

}  // namespace pawl
