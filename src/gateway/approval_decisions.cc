// What people ask of the approval desk, and what they decide. Threading: the I/O thread.
#include <map>
#include <tuple>
#include <utility>

#include "gateway/approval_desk.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/changed_arguments.h"
#include "operators/approval/quorum.h"
#include "operators/approval/statement_wire.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using approval::Approval;

using Likeness = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;

// For display only: nothing is decided together.
Likeness likeness_of(const Approval& one) {
  return {one.binding.agent, one.binding.server, one.binding.verb, one.binding.name};
}

std::map<Likeness, std::int64_t> pending_alike(const approval::ApprovalState& state) {
  std::map<Likeness, std::int64_t> out;
  for (const auto& [id, one] : state.all()) {
    out[likeness_of(one)] += one.phase == approval::Phase::kPending ? 1 : 0;
  }
  return out;
}

json::Object shown(const Approval& one, const std::map<Likeness, std::int64_t>& alike,
                   const HeldCalls& held) {
  json::Object out = approval::print_approval(one);
  out["needed"] = approval::people_needed(one);
  out["like"] = alike.at(likeness_of(one));
  out["callers"] = held.waiting_for(one.id);
  return out;
}

// The core compares on which terms a person agreed with those of the approval.
void compare_terms(approval::Statement& said, const approval::ApprovalState& state) {
  const Approval* one = state.find(said.approval);
  if (one != nullptr && !plugged(ControlId::kApprovalTerms)) {
    said.terms_digest = approval::terms_digest(one->terms, one->owner);
  }
}

}  // namespace

// The rule is kept where people have pseudonyms, too: the operator's name is known in the clear,
// the caller's as what stands for it.
Status ApprovalDesk::is_somebody_else(const approval::Statement& statement) const {
  if (people_ == nullptr || statement.decision == approval::Decision::kDeny ||
      !plugged(ControlId::kSelfApproval)) {
    return {};
  }
  const Result<std::string> name = people_->stands_for(statement.operator_name);
  if (!name) {
    return fail(Code::kEvidenceUnavailable, name.error().message);
  }
  return *name == statement.binding.on_behalf_of
             ? Status(fail(Code::kForbidden, "approval: nobody approves a call of their own"))
             : Status();
}

// The relying party is what we know of ourselves; what the evidence says of it counts for nothing.
Result<approval::VerifiedStatement> ApprovalDesk::signed_by_passkey(
    const approval::Evidence& shown) const {
  const std::optional<sign_in::RelyingParty> party = party_ ? party_() : std::nullopt;
  if (!party) {
    return fail(Code::kUnsupported,
                "approval: no address of people is configured, so no passkey is of this gateway");
  }
  auto out = approval::verify_passkey_statement(shown, parts_.operators, *party);
  if (!out && !plugged(ControlId::kApprovalPasskey)) {
    Result<approval::Statement> said = approval::read_statement(shown.statement);
    return said ? Result<approval::VerifiedStatement>({*std::move(said), shown})
                : fail(said.error());
  }
  return out;
}

Result<approval::Statement> ApprovalDesk::verified(const approval::Evidence& shown,
                                                   approval::Evidence& evidence) const {
  const bool is_token = !shown.token.empty();
  if (is_token && !plugged(ControlId::kApprovalSignature)) {
    const Result<jose::Jws> jws = jose::decode(shown.token);
    evidence.token = shown.token;
    return jws ? approval::read_statement(*jws) : fail(jws.error());
  }
  Result<approval::VerifiedStatement> out =
      is_token ? approval::verify_statement(shown.token, parts_.operators.operators())
               : signed_by_passkey(shown);
  if (!out) {
    return fail(out.error());
  }
  if (parts_.is_revoked(out->statement.key)) {
    return fail(Code::kForbidden, "approval: the key that signed was revoked");
  }
  if (Status other = is_somebody_else(out->statement); !other) {
    return fail(other.error());
  }
  evidence = std::move(out->evidence);
  return std::move(out->statement);
}

void ApprovalDesk::decide(const approval::Evidence& shown, const std::string& changed, Done done) {
  approval::Decide command;
  Result<approval::Statement> said = verified(shown, command.evidence);
  if (!said) {
    done(fail(said.error()));
    return;
  }
  compare_terms(*said, parts_.state);
  command.statement = *std::move(said);
  const std::string instance = parts_.recorder.instance().spiffe();
  command.instance = instance;
  const Uuid id = command.statement.approval;
  const Result<std::vector<approval::Event>> events =
      approval::decide(parts_.state, command, now());
  if (!events) {
    done(fail(events.error()));
    return;
  }
  if (!fits_in_record(events->front())) {
    done(fail(Code::kTooLarge, "approval: the statement is too long for its record"));
    return;
  }
  if (changing_.contains(id)) {
    done(fail(Code::kConflict, "approval: another event of it is being recorded; try again"));
    return;
  }
  if (Status kept = keep_changed(command.statement, changed); !kept) {
    done(fail(kept.error()));
    return;
  }
  changing_.insert(id);
  record(events->front(), nullptr,
         [this, id, done = std::move(done)](const Result<RecordRef>& recorded) {
           recorded_change(id);
           if (!recorded) {
             done(fail(recorded.error()));
             return;
           }
           const Approval* one = parts_.state.find(id);
           json::Object out{{"approval", id.text()}, {"record", recorded->id.text()}};
           out["phase"] = one != nullptr ? phase_name(one->phase) : "unknown";
           out["needed"] = one != nullptr ? approval::people_needed(*one) : 0;
           out["callers"] = held_.waiting_for(id);
           done(std::move(out));
           wake(id);
         });
}

json::Array ApprovalDesk::list(const Sees& sees) const {
  json::Array out;
  const std::map<Likeness, std::int64_t> alike = pending_alike(parts_.state);
  for (const auto& [id, one] : parts_.state.all()) {
    if (sees(one)) {
      out.emplace_back(shown(one, alike, held_));
    }
  }
  return out;
}

Result<json::Object> ApprovalDesk::show(const Uuid& approval, const std::string& why_not) const {
  const Approval* one = parts_.state.find(approval);
  if (one == nullptr) {
    return fail(Code::kNotFound, "approval: there is none of this id");
  }
  json::Object out = shown(*one, pending_alike(parts_.state), held_);
  out["instance"] = parts_.recorder.instance().spiffe();
  Result<std::string> params = why_not.empty()
                                   ? parts_.arguments.read(approval)
                                   : Result<std::string>(fail(Code::kForbidden, why_not));
  if (!params) {
    const bool are_erased = why_not.empty() && !one->live();
    out["arguments_problem"] =
        are_erased ? "they were erased, because it has ended" : params.error().message;
    return out;
  }
  if (const Result<std::string> changed = changed_of(*one)) {
    out["changed"] = approval::print_change(*params, *changed);
  }
  out["params"] = *std::move(params);
  return out;
}

}  // namespace pawl
