// What the adapter of a caller asks about an approval. Threading: the I/O thread.
#include "gateway/approval_desk.h"
#include "operators/approval/approval_end.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using approval::Phase;

tl::unexpected<Error> unknown() {
  return fail(Code::kNotFound, "approval: there is none of this id");
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
  out.reason = approval::end_in_words(*one);
  if (out.reason.empty()) {
    out.reason = "approval " + id.text() +
                 (one->spent > 0 || highest_taken(*one) > 0
                      ? " let a call through, and its answer is not kept here; its record tells "
                        "what became of it"
                      : " is over: other rules are in force");
  }
  return out;
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
