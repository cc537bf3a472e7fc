// What the adapter of a caller asks about an approval. Threading: the I/O thread.
#include <iterator>
#include <limits>

#include "gateway/approval_desk.h"
#include "operators/approval/approval_end.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using approval::Phase;

tl::unexpected<Error> unknown() {
  return fail(Code::kNotFound, "approval: there is none of this id");
}

std::string use_in_words(const approval::Approval& one, const std::optional<Uuid>& record) {
  const std::string call = record ? " (record " + record->text() + ")" : "";
  const std::string end =
      one.spent > 0 ? " went through, and its answer is not kept any more" : " is going through";
  return "the call of approval " + one.id.text() + call + end +
         "; do not call again: " + (record ? "that" : "its") + " record tells what became of it";
}

}  // namespace

// As its records name the caller; whoever else asks learns nothing.
bool ApprovalDesk::is_of(const approval::Binding& binding, const Caller& caller) const {
  const bool same =
      binding.agent == caller.agent && on_behalf_of(caller).value_or("") == binding.on_behalf_of;
  return same || !plugged(ControlId::kHoldCaller);
}

Result<HeldStanding> ApprovalDesk::standing_of(const Uuid& id, const Caller& caller) const {
  const auto asked = asking_.find(id);
  const approval::Approval* one = parts_.state.find(id);
  const approval::Binding* binding = asked != asking_.end() ? &asked->second.binding
                                     : one != nullptr       ? &one->binding
                                                            : nullptr;
  if (binding == nullptr || !is_of(*binding, caller)) {
    return unknown();
  }
  HeldStanding out;
  out.server = binding->server;
  out.verb = binding->verb;
  out.name = binding->name;
  out.params = parts_.arguments.read(id).value_or("");
  if (one == nullptr || one->phase == Phase::kPending) {
    out.state = HeldStanding::State::kPending;
    out.pending = *pending(id, one != nullptr ? one->expires_at : asked->second.expires_at).pending;
    return out;
  }
  const bool untouched = one->phase == Phase::kApproved && now() < one->until &&
                         highest_taken(*one) == 0 && !one->delivered;
  if (untouched && !out.params.empty()) {
    out.state = HeldStanding::State::kApproved;
    out.pending = *pending(id, one->until).pending;
    return out;
  }
  out.state = HeldStanding::State::kEnded;
  out.was_used = highest_taken(*one) > 0;  // whatever ended it after that
  if (out.was_used) {
    out.record = used_by(id);
    out.reason = use_in_words(*one, out.record);
    return out;
  }
  out.reason = approval::end_in_words(*one);
  if (out.reason.empty()) {
    out.reason = "approval " + id.text() + " is over: other rules are in force";
  }
  return out;
}

std::optional<Uuid> ApprovalDesk::used_by(const Uuid& approval) const {
  const auto next = used_by_.upper_bound({approval, std::numeric_limits<std::uint32_t>::max()});
  return next != used_by_.begin() && std::prev(next)->first.first == approval
             ? std::optional(std::prev(next)->second)
             : std::nullopt;
}

// Soft: of what was used before a start, the log alone knows the record.
void ApprovalDesk::note_use(const ApprovalUse& use, const Uuid& record) {
  used_by_[{use.id, use.use}] = record;
  if (used_by_.size() > kMostUsesNoted) {
    used_by_.erase(used_by_.begin());  // of the oldest approval: its time is in its id
  }
}

Status ApprovalDesk::cancel(const Uuid& id, const Caller& caller) {
  const approval::Approval* one = parts_.state.find(id);
  if (one == nullptr || !is_of(one->binding, caller)) {
    return unknown();
  }
  const Result<std::vector<approval::Event>> events =
      approval::decide(parts_.state, approval::Cancel{id}, now());
  if (!events) {
    return fail(events.error());
  }
  if (highest_taken(*one) > 0 || changing_.contains(id)) {
    return fail(Code::kConflict, "approval: a call is going through with it");
  }
  record_end(events->front(), id);
  return {};
}

}  // namespace pawl
