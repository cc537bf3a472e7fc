#include "operators/approval/approval.h"

#include <algorithm>
#include <utility>

#include "operators/approval/approval_state.h"
#include "operators/approval/quorum.h"

namespace pawl::approval {
namespace {

using Events = Result<std::vector<Event>>;

constexpr std::int64_t kMostWithin = 1'000'000'000;  // seconds; so that no sum overflows

tl::unexpected<Error> refuse(Code code, std::string_view why) {
  return fail(code, "approval: " + std::string(why));
}

tl::unexpected<Error> unknown() {
  return refuse(Code::kNotFound, "there is none of this id for this call");
}

tl::unexpected<Error> not_pending(const Approval& approval) {
  return refuse(Code::kConflict, "it is " + std::string(phase_name(approval.phase)) + " already");
}

Events one(Event event) {
  return std::vector<Event>{std::move(event)};
}

Status check_terms(const HoldTerms& terms) {
  if (terms.roles.empty()) {
    return refuse(Code::kDenied, "the rule names nobody who may decide");
  }
  if (terms.of < 1 || terms.of > HoldTerms::kMostOf || terms.uses < 1 ||
      terms.uses > HoldTerms::kMostUses || terms.within_s < 1 || terms.within_s > kMostWithin) {
    return refuse(Code::kInvalidParams, "terms: of, uses or within is out of range");
  }
  return {};
}

Signed signed_by(const Statement& said, std::int64_t now) {
  return {said.operator_name,
          said.key,
          said.role,
          said.decision,
          said.executed,
          said.uses,
          said.expires,
          digest_text(statement_digest(said)),
          now,
          false};
}

bool fits(const Evidence& evidence) {
  const bool bounded = std::max({evidence.token.size(), evidence.statement.size(),
                                 evidence.authenticator_data.size(), evidence.client_data.size(),
                                 evidence.signature.size()}) <= kMaxEvidenceBytes;
  const bool passkey = !evidence.statement.empty() && !evidence.authenticator_data.empty() &&
                       !evidence.client_data.empty() && !evidence.signature.empty();
  return bounded && passkey == evidence.token.empty();
}

// Whether this person may say this, now that the statement is known to be on this approval.
Status check_signer(const Approval& approval, const Signed& by) {
  const std::vector<std::string>& roles = approval.roles();
  if (std::find(roles.begin(), roles.end(), by.role) == roles.end()) {
    return refuse(Code::kForbidden, "the role is not one that may decide");
  }
  if (std::find(approval.statements.begin(), approval.statements.end(), by.statement) !=
      approval.statements.end()) {
    return refuse(Code::kConflict, "this statement counted already");
  }
  if (by.decision == Decision::kDeny) {
    return {};  // less is always allowed
  }
  if (approval.statements.size() >= kMaxStatements) {
    return refuse(Code::kOverloaded, "too many statements on it; deny or cancel it");
  }
  if (requester_of(approval).is(by.person)) {
    return refuse(Code::kForbidden, "nobody approves a call of their own");
  }
  for (const Signed& known : approval.by) {
    if (!known.by_rule && same_grant(known, by) &&
        (known.person == by.person || known.key == by.key)) {
      return refuse(Code::kConflict, "this person, or this key, has approved it already");
    }
  }
  return {};
}

struct Decider {
  const ApprovalState& state;
  std::int64_t now;

  Events operator()(const Request& command) const {
    Status status = check_binding(command.binding);
    if (status) {
      status = check_terms(command.terms);
    }
    if (!status) {
      return fail(status.error());
    }
    if (command.id.is_nil() || !is_digest(command.nonce)) {
      return refuse(Code::kInvalidParams, "id or nonce is missing");
    }
    if (state.find(command.id) != nullptr) {
      return refuse(Code::kConflict, "the id is taken");
    }
    if (state.attachable(command.binding, now, command.told) != nullptr ||
        state.spendable(command.binding, now) != nullptr) {
      return refuse(Code::kConflict, "there is one for this call");
    }
    if (state.full() || state.pending_of(command.binding.agent) >= command.pending_limit) {
      return refuse(Code::kOverloaded, "too many calls of this agent wait for people");
    }
    return one(Requested{command.id, command.binding, command.terms, command.owner, command.nonce,
                         now, now + command.terms.within_s});
  }

  Events operator()(const Decide& command) const {
    const Approval* approval = state.find(command.statement.approval);
    if (approval == nullptr) {
      return unknown();
    }
    if (approval->phase != Phase::kPending) {
      return not_pending(*approval);
    }
    if (now >= approval->expires_at) {
      return refuse(Code::kConflict, "the time to decide is over");
    }
    if (Status ours = check_statement(command.statement, *approval, command.instance, now); !ours) {
      return fail(ours.error());
    }
    if (!fits(command.evidence)) {
      return refuse(Code::kTokenInvalid, "a decision has one signature, of at most 12288 bytes");
    }
    Signed by = signed_by(command.statement, now);
    if (Status may = check_signer(*approval, by); !may) {
      return fail(may.error());
    }
    return one(Decided{approval->id, std::move(by), command.evidence});
  }

  Events operator()(const DecideByRule& command) const {
    const Approval* approval = state.find(command.id);
    if (approval == nullptr) {
      return unknown();
    }
    if (approval->phase != Phase::kPending) {
      return not_pending(*approval);
    }
    for (const Signed& known : approval->by) {
      if (known.by_rule) {
        return refuse(Code::kConflict, "a rule has said its word");
      }
    }
    Signed by;
    by.person = command.rule;
    by.decision = command.decision;
    by.at = now;
    by.by_rule = true;
    return one(Decided{approval->id, std::move(by), {}});
  }

  Events operator()(const Spend& command) const {
    const Approval* approval = state.find(command.id);
    if (approval == nullptr || approval->binding != command.binding) {
      return unknown();
    }
    if (approval->phase != Phase::kApproved) {
      return refuse(Code::kConflict, "it is " + std::string(phase_name(approval->phase)));
    }
    if (now >= approval->until) {
      return refuse(Code::kConflict, "its time is over");
    }
    if (approval->spent >= approval->uses) {
      return refuse(Code::kConflict, "all its uses are spent");
    }
    return one(Spent{approval->id, approval->spent + 1});
  }

  Events operator()(const Deliver& command) const {
    const Approval* approval = state.find(command.id);
    if (approval == nullptr) {
      return unknown();
    }
    if (approval->phase == Phase::kPending ||
        (approval->phase == Phase::kApproved && approval->spent == 0)) {
      return refuse(Code::kConflict, "there is nothing to deliver yet");
    }
    return approval->delivered ? Events(std::vector<Event>{}) : one(Delivered{approval->id});
  }

  Events operator()(const Expire& command) const {
    const Approval* approval = state.find(command.id);
    if (approval == nullptr) {
      return unknown();
    }
    const bool pending = approval->phase == Phase::kPending;
    if (!approval->live() || now < (pending ? approval->expires_at : approval->until)) {
      return std::vector<Event>{};
    }
    if (pending && !approval->escalated && !approval->terms.escalate_to.empty()) {
      return one(Escalated{approval->id, now, now + approval->terms.within_s});
    }
    return one(Expired{approval->id, Ending::kTime});
  }

  Events operator()(const Cancel& command) const {
    const Approval* approval = state.find(command.id);
    if (approval == nullptr) {
      return unknown();
    }
    return approval->live() ? one(Expired{approval->id, Ending::kCancelled})
                            : Events(not_pending(*approval));
  }

  Events operator()(const PolicyChanged& command) const {
    std::vector<Event> out;
    for (const auto& [id, approval] : state.all()) {
      if (approval.live() && approval.binding.policy != command.policy) {
        out.emplace_back(Expired{id, Ending::kPolicy});
      }
    }
    return out;
  }
};

}  // namespace

Result<std::vector<Event>> decide(const ApprovalState& state, const Command& command,
                                  std::int64_t now) {
  return std::visit(Decider{state, now}, command);
}

}  // namespace pawl::approval
