#include "operators/approval/approval_state.h"

#include <algorithm>
#include <utility>

#include "operators/approval/quorum.h"

namespace pawl::approval {
namespace {

// Until when somebody may still come for it.
std::int64_t end_of(const Approval& approval) {
  return std::max(approval.expires_at, approval.until);
}

bool has_time(const Approval& approval, std::int64_t now) {
  return now < (approval.phase == Phase::kPending ? approval.expires_at : end_of(approval));
}

// It was granted, and its time went by.
bool grant_is_over(const Approval& approval, std::int64_t now) {
  const bool is_over = approval.phase == Phase::kApproved ||
                       (approval.phase == Phase::kExpired && approval.ending == Ending::kTime);
  return is_over && approval.uses > 0 && now >= approval.until;
}

void grant(Approval& approval, const Signed& last) {
  approval.phase = Phase::kApproved;
  approval.executed = last.executed;
  approval.uses = last.uses;
  approval.until = last.expires;
}

void take_in(Approval& approval, const Signed& by) {
  if (approval.phase != Phase::kPending) {
    return;
  }
  const auto same = [&by](const Signed& known) {
    return known.person == by.person || known.key == by.key;
  };
  if (by.by_rule) {
    if (std::none_of(approval.by.begin(), approval.by.end(),
                     [](const Signed& known) { return known.by_rule; })) {
      approval.by.push_back(by);
    }
    return;
  }
  if (by.decision == Decision::kApprove) {
    // Another thing than was signed before: what was signed before counts no longer.
    std::erase_if(approval.by,
                  [&by](const Signed& known) { return !known.by_rule && !same_grant(known, by); });
    if (std::any_of(approval.by.begin(), approval.by.end(), same)) {
      return;
    }
  }
  approval.by.push_back(by);
  approval.statements.push_back(by.statement);
  const Standing now = standing(approval.terms, approval.by, requester_of(approval));
  if (now.denied) {
    approval.phase = Phase::kDenied;
  } else if (now.met) {
    grant(approval, by);
  }
}

struct Applied {
  ApprovalState& state;

  void operator()(const Requested& event) const {
    Approval made;
    made.id = event.id;
    made.binding = event.binding;
    made.terms = event.terms;
    made.owner = event.owner;
    made.nonce = event.nonce;
    made.requested_at = event.at;
    made.expires_at = event.expires_at;
    state.add(std::move(made));
  }
  void operator()(const Escalated& event) const {
    state.change(event.id, [&](Approval& approval) {
      if (approval.phase == Phase::kPending && !approval.escalated) {
        approval.escalated = true;
        approval.expires_at = std::max(approval.expires_at, event.expires_at);
      }
    });
  }
  void operator()(const Decided& event) const {
    state.change(event.id, [&](Approval& approval) { take_in(approval, event.by); });
  }
  void operator()(const Spent& event) const { state.apply_spent(event.id, event.use); }
  void operator()(const Delivered& event) const {
    state.change(event.id, [&](Approval& approval) {
      approval.delivered = approval.delivered || approval.phase != Phase::kPending;
    });
  }
  void operator()(const Expired& event) const {
    state.change(event.id, [&](Approval& approval) {
      if (approval.live()) {
        approval.phase = Phase::kExpired;
        approval.ending = event.ending;
      }
    });
  }
};

}  // namespace

void ApprovalState::note_record(const Uuid& id, const Uuid& record,
                                const std::optional<Uuid>& workflow) {
  change(id, [&](Approval& approval) {
    if (approval.record.is_nil()) {
      approval.record = record;
      approval.workflow = workflow;
    }
  });
}

const Approval* ApprovalState::find(const Uuid& id) const {
  const auto at = approvals_.find(id);
  return at == approvals_.end() ? nullptr : &at->second;
}

template <class Fits>
const Approval* ApprovalState::newest(const Binding& binding, Fits fits) const {
  const Approval* found = nullptr;
  const auto [begin, end] = by_binding_.equal_range(binding_digest(binding));
  for (auto at = begin; at != end; ++at) {
    const Approval& one = approvals_.at(at->second);
    if (one.binding == binding && fits(one) && (found == nullptr || found->id < one.id)) {
      found = &one;
    }
  }
  return found;
}

const Approval* ApprovalState::attachable(const Binding& binding, std::int64_t now,
                                          const std::optional<Uuid>& told) const {
  return newest(binding, [now, &told](const Approval& one) {
    const bool is_superseded = one.phase == Phase::kExpired && one.ending == Ending::kPolicy;
    return !one.delivered && one.id != told && !is_superseded && !grant_is_over(one, now) &&
           has_time(one, now);
  });
}

const Approval* ApprovalState::spendable(const Binding& binding, std::int64_t now) const {
  return newest(binding, [now](const Approval& one) {
    return one.phase == Phase::kApproved && now < one.until && one.spent < one.uses;
  });
}

std::size_t ApprovalState::pending_of(std::string_view agent) const {
  const auto at = pending_.find(agent);
  return at == pending_.end() ? 0 : at->second;
}

std::vector<Uuid> ApprovalState::due(std::int64_t now) const {
  std::vector<Uuid> out;
  for (const auto& [id, one] : approvals_) {
    if ((one.phase == Phase::kPending && now >= one.expires_at) ||
        (one.phase == Phase::kApproved && now >= one.until)) {
      out.push_back(id);
    }
  }
  return out;
}

void ApprovalState::count(const Approval& approval, int by) {
  live_ += approval.live() ? static_cast<std::size_t>(by) : 0;
  if (approval.phase == Phase::kPending) {
    std::size_t& pending = pending_[approval.binding.agent];
    pending += static_cast<std::size_t>(by);
    if (pending == 0) {
      pending_.erase(approval.binding.agent);
    }
  }
}

void ApprovalState::make_room() {
  const auto oldest = [this](bool delivered) {
    return std::find_if(approvals_.begin(), approvals_.end(), [delivered](const auto& one) {
      return !one.second.live() && (one.second.delivered || !delivered);
    });
  };
  auto gone = oldest(true);
  if (gone == approvals_.end()) {
    gone = oldest(false);
  }
  if (gone == approvals_.end()) {
    return;
  }
  const auto [begin, end] = by_binding_.equal_range(binding_digest(gone->second.binding));
  for (auto at = begin; at != end; ++at) {
    if (at->second == gone->first) {
      by_binding_.erase(at);
      break;
    }
  }
  approvals_.erase(gone);
}

void ApprovalState::add(Approval approval) {
  if (approvals_.contains(approval.id)) {
    return;
  }
  if (approvals_.size() >= most_) {
    make_room();
  }
  count(approval, +1);
  by_binding_.emplace(binding_digest(approval.binding), approval.id);
  const Uuid id = approval.id;
  approvals_.emplace(id, std::move(approval));
}

void ApprovalState::apply(const Event& event) {
  std::visit(Applied{*this}, event);
}

void ApprovalState::apply_spent(const Uuid& id, std::uint32_t use) {
  change(id, [use](Approval& approval) {
    // Records may come in another order than their intents: the highest number counts, so that
    // no use comes back.
    if (approval.uses == 0) {
      return;  // nothing was granted
    }
    approval.spent = std::max(approval.spent, std::min(use, approval.uses));
    if (approval.phase == Phase::kApproved && approval.spent == approval.uses) {
      approval.phase = Phase::kSpent;
    }
  });
}

}  // namespace pawl::approval
