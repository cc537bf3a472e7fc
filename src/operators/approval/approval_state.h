// The approvals that are remembered, and what apply() makes of events.
//
// Purpose:    a bounded map by id, found by binding and by agent. When it is full, the oldest one
//             that has ended makes room; one that is pending or approved is never forgotten.
// Threading:  plain value.
// Errors:     none: an event that fits no approval, or not its phase, changes nothing.
// Not errors: the same event twice.
// Source:     docs/formats/approval.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/approval/approval.h"

namespace pawl::approval {

class ApprovalState {
 public:
  static constexpr std::size_t kMost = 4096;

  ApprovalState() = default;
  explicit ApprovalState(std::size_t most) : most_(most) {}

  // What replay calls, and nothing else.
  void apply(const Event& event);
  // From an intent, or from the record of its outcome: idempotent by use number.
  void apply_spent(const Uuid& id, std::uint32_t use);

  // By which record, of which workflow, it was asked for; the first word counts.
  void note_record(const Uuid& id, const Uuid& record, const std::optional<Uuid>& workflow);

  const Approval* find(const Uuid& id) const;
  // To which a repeat of the call attaches: pending, or decided and not delivered, and its time is
  // not over, that of what it granted neither. What other rules ended says nothing to a repeat, nor
  // does `told`, of which the record that it was delivered is under way. nullptr: none.
  const Approval* attachable(const Binding& binding, std::int64_t now,
                             const std::optional<Uuid>& told = {}) const;
  // Approved, not over, with a use left. nullptr: none.
  const Approval* spendable(const Binding& binding, std::int64_t now) const;
  std::size_t pending_of(std::string_view agent) const;
  bool full() const { return live_ >= most_; }
  // For which Expire leads to an event.
  std::vector<Uuid> due(std::int64_t now) const;
  const std::map<Uuid, Approval>& all() const { return approvals_; }

  // Puts one in as it is; of a known id nothing happens. For apply() and for snapshots.
  void add(Approval approval);
  // Calls `change` with the approval, if there is one, and keeps the counts true.
  template <class Change>
  void change(const Uuid& id, Change change) {
    const auto at = approvals_.find(id);
    if (at != approvals_.end()) {
      count(at->second, -1);
      change(at->second);
      count(at->second, +1);
    }
  }

  friend bool operator==(const ApprovalState& a, const ApprovalState& b) {
    return a.approvals_ == b.approvals_;
  }

 private:
  void count(const Approval& approval, int by);
  void make_room();
  template <class Fits>
  const Approval* newest(const Binding& binding, Fits fits) const;

  std::size_t most_ = kMost;
  std::map<Uuid, Approval> approvals_;
  std::multimap<std::string, Uuid, std::less<>> by_binding_;  // by binding_digest
  std::map<std::string, std::size_t, std::less<>> pending_;   // by agent; no zeros
  std::size_t live_ = 0;
};

}  // namespace pawl::approval
