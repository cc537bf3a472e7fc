#include "gateway/approval_desk.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "gateway/terms_in_force.h"
#include "operators/approval/approval_end.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/quorum.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Phase;

constexpr std::size_t kNonceBytes = 32;
// Of a record's body: the fold reads it whole, so it may not go out of line.
constexpr std::size_t kMaxBody = 3584;
constexpr std::size_t kMostCauses = 16;  // of the call, in the record that asks for it

LimitStat pending_holds("pending_holds");
LimitStat waiting_holds("waiting_holds");

// What people denied stays denied; behind every other end the same call may ask them anew.
Code code_of_end(const Approval& ended) {
  return ended.phase == Phase::kDenied ? Code::kDenied : Code::kApprovalRequired;
}

HeldAnswer refused(Code code, std::string reason, std::optional<Uuid> decided = std::nullopt) {
  HeldAnswer out;
  out.code = code;
  out.reason = std::move(reason);
  out.decided = decided;
  return out;
}

// The same call apart from its arguments: what an approval must never be good for.
bool same_but_for_arguments(const approval::Binding& a, approval::Binding b) {
  b.digest = a.digest;
  return a == b;
}

HeldAnswer still_open(const Approval& approval) {
  return refused(Code::kApprovalRequired,
                 "approval " + approval.id.text() +
                     " let a call through that is still open; wait for its end, then call again "
                     "to ask people anew");
}

}  // namespace

ApprovalDesk::ApprovalDesk(Parts parts)
    : parts_(std::move(parts)),
      held_({parts_.settings.waiting_per_agent, parts_.settings.waiting_bytes}) {}

void ApprovalDesk::begin() {
  policy_changed();
  std::set<Uuid> live;
  for (const auto& [id, one] : parts_.state.all()) {
    if (one.live()) {
      live.insert(id);
    }
  }
  parts_.arguments.keep_only(live);
}

std::int64_t ApprovalDesk::now() const {
  return plugged(ControlId::kApprovalExpiry) ? parts_.recorder.now().seconds() : 0;
}

// As records name the person.
Result<std::string> ApprovalDesk::on_behalf_of(const Caller& caller) const {
  if (people_ == nullptr || caller.on_behalf_of.empty() || caller.on_behalf_of == caller.agent) {
    return caller.on_behalf_of;
  }
  Result<std::string> name = people_->stands_for(caller.on_behalf_of);
  return name ? std::move(name) : fail(Code::kEvidenceUnavailable, name.error().message);
}

// As its records name it. A workflow that no token says is another one at each repeat.
Result<approval::Binding> ApprovalDesk::binding_of(const Action& action) const {
  approval::Binding out;
  out.agent = action.caller.agent;
  Result<std::string> person = on_behalf_of(action.caller);
  if (!person) {
    return fail(person.error());
  }
  out.on_behalf_of = *std::move(person);
  out.server = action.server;
  out.verb = action.verb;
  out.name = action.tool.empty() ? action.resource : action.tool;
  out.digest = action.requested.empty() ? action.inp_hash : action.requested;
  out.policy = std::string(parts_.policy_digest());
  if (action.workflow_is_verified) {
    out.workflow = action.workflow;
  }
  // Its holds and constraints are that token's: an approval under one fits no call under another.
  if (action.policy_use) {
    out.token = action.policy_use->digest;
  }
  if (Status good = approval::check_binding(out); !good) {
    return fail(good.error());
  }
  return out;
}

// ---- the path ----

HeldAnswer ApprovalDesk::ask(const Action& action, const HoldTerms& said,
                             const std::optional<Uuid>& waited_for) {
  const HoldTerms terms = terms_in_force(said, parts_.operators.operators());
  Result<approval::Binding> binding = binding_of(action);
  if (!binding) {
    return refused(binding.error().code, binding.error().message);
  }
  const Approval* waited = waited_for ? parts_.state.find(*waited_for) : nullptr;
  if (const std::string end = waited != nullptr ? approval::end_in_words(*waited) : "";
      !end.empty()) {
    return refused(code_of_end(*waited), end, waited->id);
  }
  if (ended_on_other_terms(*binding, terms)) {
    return refused(Code::kApprovalRequired,
                   "what was asked before was on other terms, or of people whose keys do not "
                   "count any more, and has ended; call again");
  }
  if (const std::optional<ApprovalUse> use = take(*binding)) {
    HeldAnswer answer = granted(*use);
    if (answer.kind != HeldAnswer::Kind::kGranted) {
      forget(*use);
    } else {
      note_use(*use, action.id);
    }
    return answer;
  }
  for (const auto& [id, asked] : asking_) {
    if (asked.binding == *binding) {
      return pending(id, asked.expires_at);
    }
  }
  const Approval* known = parts_.state.attachable(*binding, now());
  if (known == nullptr || delivering_.contains(known->id)) {
    if (const Approval* open = parts_.state.spendable(*binding, now())) {
      return still_open(*open);  // its uses are taken, and not spent yet
    }
  }
  if (known == nullptr) {
    return ask_people(action, *std::move(binding), terms);
  }
  if (delivering_.contains(known->id)) {  // its caller has the answer: this is a new call
    return ask_people(action, *std::move(binding), terms, known->id);
  }
  if (known->phase == Phase::kPending) {
    return pending(known->id, known->expires_at);
  }
  if (const std::string end = approval::end_in_words(*known); !end.empty()) {
    return refused(code_of_end(*known), end, known->id);
  }
  return still_open(*known);
}

bool ApprovalDesk::ended_on_other_terms(const approval::Binding& binding, const HoldTerms& terms) {
  for (const Approval* one :
       {parts_.state.attachable(binding, now()), parts_.state.spendable(binding, now())}) {
    const bool is_undone = one != nullptr && one->phase == Phase::kApproved && !still_agreed(*one);
    if (one != nullptr && one->live() && (one->terms != terms || is_undone)) {
      record_end(approval::Expired{one->id, approval::Ending::kPolicy}, one->id);
      return true;
    }
  }
  return false;
}

HeldAnswer ApprovalDesk::ask_people(const Action& action, approval::Binding binding,
                                    const HoldTerms& terms, const std::optional<Uuid>& told) {
  approval::Request request;
  request.told = told;
  request.id = parts_.recorder.new_id();
  request.binding = std::move(binding);
  request.terms = terms;
  request.owner =
      plugged(ControlId::kSelfApproval) ? parts_.owner_of(action.caller.agent) : std::string();
  request.nonce = base64url_encode(parts_.random.bytes(kNonceBytes));
  const std::size_t under_way = static_cast<std::size_t>(std::count_if(
      asking_.begin(), asking_.end(),
      [&](const auto& asked) { return asked.second.binding.agent == request.binding.agent; }));
  const std::size_t limit = parts_.settings.pending_per_agent;
  request.pending_limit = plugged(ControlId::kPendingHolds) ? limit - std::min(under_way, limit)
                                                            : approval::ApprovalState::kMost;
  const approval::Requester requester{action.caller.agent, action.caller.on_behalf_of,
                                      request.owner};
  if (!approval::enough_approvers(terms, parts_.operators.operators(), requester)) {
    return refused(Code::kDenied,
                   "people have to approve it, and not enough of those who may are enrolled (see "
                   "`pawl operators list`)");
  }
  const Result<std::vector<approval::Event>> events =
      approval::decide(parts_.state, request, now());
  if (!events) {
    if (events.error().code == Code::kOverloaded) {
      pending_holds.reached();
    }
    return refused(events.error().code, events.error().message);
  }
  const approval::Event& requested = events->front();
  if (!fits_in_record(requested)) {
    return refused(Code::kTooLarge, "the names of this call are too long to ask people for it");
  }
  if (Status kept = parts_.arguments.keep(request.id, action.params, parts_.recorder.now());
      !kept) {
    return refused(Code::kEvidenceUnavailable,
                   "its arguments cannot be kept for people: " + kept.error().message);
  }
  const std::int64_t expires_at = std::get<approval::Requested>(requested).expires_at;
  asking_.emplace(request.id, Asked{request.binding, expires_at});
  record(requested, &action, [this, id = request.id](const Result<RecordRef>& recorded) {
    asking_.erase(id);
    if (!recorded) {
      parts_.arguments.erase(id);
      wake(id);
    } else {
      policy_changed();  // it may have been asked under the rules before
    }
  });
  return pending(request.id, expires_at);
}

HeldAnswer ApprovalDesk::pending(const Uuid& id, std::int64_t expires_at) const {
  HeldAnswer out;
  out.kind = HeldAnswer::Kind::kPending;
  out.pending = PendingApproval{id, parts_.settings.address, expires_at};
  return out;
}

std::uint32_t ApprovalDesk::highest_taken(const Approval& one) const {
  const auto taken = taken_.find(one.id);
  return taken == taken_.end() ? one.spent : std::max(one.spent, *taken->second.rbegin());
}

const Approval* ApprovalDesk::spendable(const approval::Binding& binding) const {
  const Approval* found = nullptr;
  const std::int64_t at = now();
  const bool is_bound = plugged(ControlId::kApprovalBinding);
  const auto fits = [&](const Approval& one) {
    const bool has_uses = highest_taken(one) < one.uses || !plugged(ControlId::kApprovalUses);
    const bool may = one.phase == Phase::kApproved ||
                     (one.phase == Phase::kSpent && !plugged(ControlId::kApprovalUses));
    return may && at < one.until && has_uses && !changing_.contains(one.id) && still_agreed(one);
  };
  if (is_bound && plugged(ControlId::kApprovalUses)) {
    const Approval* one = parts_.state.spendable(binding, at);
    return one != nullptr && fits(*one) ? one : nullptr;
  }
  for (const auto& [id, one] : parts_.state.all()) {
    const bool same =
        is_bound ? one.binding == binding : same_but_for_arguments(binding, one.binding);
    found = same && fits(one) ? &one : found;
  }
  return found;
}

std::optional<ApprovalUse> ApprovalDesk::take(const approval::Binding& binding) {
  const Approval* one = spendable(binding);
  if (one == nullptr) {
    return std::nullopt;
  }
  const std::uint32_t use = plugged(ControlId::kApprovalUses) ? highest_taken(*one) + 1 : 1;
  taken_[one->id].insert(use);
  return ApprovalUse{one->id, use};
}

bool ApprovalDesk::still_fits(const Action& action, const HoldTerms& said) const {
  const HoldTerms terms = terms_in_force(said, parts_.operators.operators());
  const Approval* one = parts_.state.find(action.approval->id);
  const Result<approval::Binding> binding = binding_of(action);
  const bool good = one != nullptr && binding && one->binding == *binding && now() < one->until &&
                    one->terms == terms && one->executed == action.inp_hash && still_agreed(*one) &&
                    (one->phase == Phase::kApproved || one->phase == Phase::kSpent);
  return good || !plugged(ControlId::kApprovalBinding);
}

bool ApprovalDesk::wait(const HeldCalls::Caller& caller, std::uint64_t ticket, const Uuid& approval,
                        HeldCalls::Wake wake) {
  const bool waits = held_.wait(ticket, caller, approval, std::move(wake));
  if (!waits) {
    waiting_holds.reached();
  }
  return waits;
}

bool ApprovalDesk::forget(const ApprovalUse& use) {
  const auto taken = taken_.find(use.id);
  if (taken == taken_.end()) {
    return false;
  }
  taken->second.erase(use.use);
  if (taken->second.empty()) {
    taken_.erase(taken);
  }
  return true;
}

void ApprovalDesk::give_back(const ApprovalUse& use) {
  if (forget(use)) {
    used_by_.erase({use.id, use.use});
    wake(use.id);  // somebody else may have it
  }
}

void ApprovalDesk::delivered(const Uuid& approval) {
  if (const Approval* one = parts_.state.find(approval)) {
    if (const auto taken = taken_.find(approval); taken != taken_.end()) {
      std::erase_if(taken->second, [&](std::uint32_t use) { return use <= one->spent; });
      if (taken->second.empty()) {
        taken_.erase(taken);
      }
    }
  }
  const Result<std::vector<approval::Event>> events =
      approval::decide(parts_.state, approval::Deliver{approval}, now());
  if (!events || events->empty() || !delivering_.insert(approval).second) {
    return;
  }
  record(events->front(), nullptr, [this, approval](const Result<RecordRef>&) {
    delivering_.erase(approval);
    ended(approval);
    wake(approval);  // calls beside it that found its uses taken ask anew
  });
}

// What became of it is found by its call, and in the graph behind the record that asked. Names that
// would make the body too large are left out.
void ApprovalDesk::tie_to_request(RecordDraft& draft, const Approval& one, std::size_t bytes) {
  if (!one.record.is_nil()) {
    draft.causes = {{one.record, Basis::kDeclared}};
    draft.workflow = one.workflow;
  }
  const approval::Binding& call = one.binding;
  const bool by_uri = kinds::area(call.verb) == kinds::area(kinds::kResourceRead);
  const std::pair<const char*, const std::string*> members[] = {
      {"agent", &call.agent}, {"server", &call.server}, {by_uri ? "resource" : "tool", &call.name}};
  json::Object named;
  for (const auto& [member, name] : members) {
    if (!name->empty()) {
      named[member] = bounded_name(*name);
    }
  }
  if (bytes + json::print(named).size() <= kMaxBody) {
    draft.body.members(named);
  }
}

bool ApprovalDesk::fits_in_record(const approval::Event& event) {
  return json::print(approval::print_event(event)).size() <= kMaxBody;
}

void ApprovalDesk::record(const approval::Event& event, const Action* of,
                          std::function<void(const Result<RecordRef>&)> done) {
  RecordDraft draft;
  draft.id = parts_.recorder.new_id();
  draft.kind = approval::record_kind(event);
  if (of != nullptr) {
    const auto first = of->causes.begin();
    const std::size_t count = std::min(of->causes.size(), kMostCauses);
    draft.workflow = of->workflow;
    draft.causes.assign(first, first + static_cast<std::ptrdiff_t>(count));
  }
  const json::Object body = approval::print_event(event);
  draft.body.members(body);
  if (const Approval* one = parts_.state.find(approval::approval_of(event)); one != nullptr) {
    tie_to_request(draft, *one, json::print(body).size());
  }
  parts_.recorder.record(std::move(draft), std::move(done));
}

}  // namespace pawl
