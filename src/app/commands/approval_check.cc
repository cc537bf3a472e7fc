#include "app/commands/approval_check.h"

#include <algorithm>
#include <string>

#include "app/commands/shown_text.h"
#include "foundation/records/approval_use.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "operators/approval/statement_wire.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Event;

constexpr const char* kNewFirst =
    "the first operator was enrolled behind the pinned head, with a key that the trust file does "
    "not hold: ask whether that person was, and pin again with --replace";
constexpr const char* kFirstIsGone =
    "not shown: who was enrolled first stands in a part of the log that is not here";

bool is_of_approvals(std::string_view kind) {
  return kinds::area(kind) == kinds::area(kinds::kApprovalRequested);
}

bool enrolls(std::string_view kind) {
  return kind == kinds::kOperatorEnrolled || kind == kinds::kOperatorRemoved;
}

bool revokes(std::string_view kind) {
  return kind == kinds::kIdentityRevoked || kind == kinds::kIdentityRestored;
}

std::string named(const Uuid& approval) {
  return "approval " + approval.text();
}

// What became of one that nobody granted.
std::string ungranted(const Approval& one) {
  return named(one.id) + " let nothing through: it " +
         (one.phase == approval::Phase::kPending  ? "was still pending"
          : one.phase == approval::Phase::kDenied ? "was denied"
                                                  : "ended before enough people had approved it");
}

}  // namespace

bool ApprovalCheck::wants(std::string_view kind) {
  return is_of_approvals(kind) || enrolls(kind) || revokes(kind);
}

void ApprovalCheck::misses_a_log() {
  misses_some_ = true;
  enrolled_.misses_some();
}

ApprovalFinding ApprovalCheck::add(const FoldedRecord& record, bool is_pinned) {
  if (enrolls(record.kind)) {
    return enrolled_.add(record, is_pinned);
  }
  if (revokes(record.kind)) {
    enrolled_.note_revocation(record);
    return {};
  }
  if (is_of_approvals(record.kind)) {
    return add_event(record);
  }
  return spends_approval(record.kind, record.body) ? spent(record) : ApprovalFinding{};
}

ApprovalFinding ApprovalCheck::add_event(const FoldedRecord& record) {
  if (is_cut(record)) {
    misses_some_ = true;
    return open_approval("its body was too large and holds only a digest");
  }
  const Result<Event> event = approval::read_event(record.kind, record.body);
  if (!event) {
    return bad_approval("it says nothing of an approval: " + event.error().message);
  }
  if (const auto* asked = std::get_if<approval::Requested>(&*event)) {
    return requested(record, *asked);
  }
  const Approval* about = state_.find(approval::approval_of(*event));
  if (const std::string wrong = about != nullptr ? wrong_about(record, *about) : "";
      !wrong.empty()) {
    return bad_approval("it names another call than " + named(about->id) + ": " + wrong +
                        " differs");
  }
  if (const auto* passed_on = std::get_if<approval::Escalated>(&*event)) {
    return escalated(record, *passed_on);
  }
  if (const auto* said = std::get_if<approval::Decided>(&*event)) {
    return decided(record, *said);
  }
  state_.apply(*event);  // an end, or a delivery: it only takes away
  return {};
}

ApprovalFinding ApprovalCheck::requested(const FoldedRecord& record,
                                         const approval::Requested& event) {
  if (!seen_.insert(event.id).second) {
    return bad_approval("there was another approval of this id");
  }
  approval::Request command{event.id, event.binding, event.terms, event.owner, event.nonce};
  command.pending_limit = approval::ApprovalState::kMost;
  const approval::ApprovalState nothing;
  const Result<std::vector<Event>> asked = approval::decide(nothing, command, event.at);
  if (!asked) {
    return bad_approval("nobody could be asked for this: " + asked.error().message);
  }
  const auto& made = std::get<approval::Requested>(asked->front());
  if (made.expires_at != event.expires_at || !is_of_its_time(record, event.at)) {
    return bad_approval("its times are not those of its terms, or of its record");
  }
  if (state_.full()) {
    return open_approval("more calls wait for people than a gateway remembers");
  }
  state_.apply(event);
  const Result<Uuid> workflow =
      Uuid::parse(json::find_string(record.claims, {names::kClaimWid}).value_or(""));
  state_.note_record(event.id, record.id, workflow ? std::optional(*workflow) : std::nullopt);
  forget_uses();
  return {};
}

ApprovalFinding ApprovalCheck::nobody_asked(const Uuid& id) const {
  return seen_.contains(id)
             ? open_approval(named(id) + " ended so long before that it was forgotten")
         : misses_some_ ? open_approval("not shown: " + named(id) +
                                        " was asked for in a part of the log that is not here")
                        : bad_approval("nobody was asked for " + named(id));
}

ApprovalFinding ApprovalCheck::escalated(const FoldedRecord& record,
                                         const approval::Escalated& event) {
  if (state_.find(event.id) == nullptr) {
    return nobody_asked(event.id);
  }
  const auto due = approval::decide(state_, approval::Expire{event.id}, event.at);
  const bool is_due = due && due->size() == 1 &&
                      std::holds_alternative<approval::Escalated>(due->front()) &&
                      std::get<approval::Escalated>(due->front()).expires_at == event.expires_at;
  if (!is_due || !is_of_its_time(record, event.at)) {
    return bad_approval("it was not due to be passed on to others");
  }
  state_.apply(event);
  return {};
}

ApprovalFinding ApprovalCheck::decided(const FoldedRecord& record, const approval::Decided& event) {
  if (state_.find(event.id) == nullptr) {
    return nobody_asked(event.id);
  }
  if (event.by.by_rule) {
    state_.apply(event);  // it counts for nothing
    return {};
  }
  ApprovalFinding found = decided_by_person(record, event);
  if (found.verdict != ledger::Verdict::kBad) {
    state_.apply(event);
  }
  return found;
}

// The name of the passkey that signed, where the verifier does not know its page.
std::string ApprovalCheck::unknown_page(const approval::Evidence& evidence) const {
  const auto said = approval::read_statement(evidence.statement);
  const approval::Passkey* passkey = said ? enrolled_.enrolled().passkey_of(said->key) : nullptr;
  const bool is_known = passkey == nullptr ||
                        std::any_of(parties_.begin(), parties_.end(),
                                    [&](const auto& party) { return party.id == passkey->rp_id; });
  return is_known ? "" : passkey->rp_id;
}

// The address of people may have changed, so there may be several parties of one name.
Result<approval::VerifiedStatement> ApprovalCheck::signed_statement(
    const approval::Evidence& evidence) const {
  if (!evidence.token.empty()) {
    return approval::verify_statement(evidence.token, enrolled_.operators());
  }
  auto out = approval::verify_passkey_statement(evidence, enrolled_.enrolled(), {});
  for (const sign_in::RelyingParty& party : parties_) {
    if (!out && out.error().code == Code::kTokenInvalid) {
      out = approval::verify_passkey_statement(evidence, enrolled_.enrolled(), party);
    }
  }
  return out;
}

ApprovalFinding ApprovalCheck::decided_by_person(const FoldedRecord& record,
                                                 const approval::Decided& event) {
  if (const std::string page = unknown_page(event.evidence); !page.empty()) {
    return open_approval("signed with a passkey of " + shown_text(page) +
                         ", and you did not say on which page it is used: --rp ORIGIN");
  }
  const auto said = signed_statement(event.evidence);
  if (!said && said.error().code == Code::kForbidden && enrolled_.is_partial()) {
    return open_approval(
        "not shown: who signed it was enrolled in a part of the log that is not "
        "here");
  }
  if (!said) {
    return bad_approval("no operator who might signed it: " + said.error().message);
  }
  if (enrolled_.is_revoked(said->statement.key)) {
    return bad_approval("the key that signed it had been revoked");
  }
  const std::string_view instance = issuer_of(record);
  const Result<std::vector<Event>> counts = approval::decide(
      state_, approval::Decide{said->statement, said->evidence, instance}, event.by.at);
  if (!counts) {
    return bad_approval(counts.error().message);
  }
  const auto& made = std::get<approval::Decided>(counts->front());
  if (made.id != event.id || made.by != event.by) {
    return bad_approval("the operator signed something else than the record says");
  }
  if (!is_of_its_time(record, event.by.at)) {
    return bad_approval("it says another time than its record");
  }
  if (!enrolled_.anchored()) {
    return unanchored();
  }
  ++counts_.decisions;
  return {};
}

ApprovalFinding ApprovalCheck::spent(const FoldedRecord& record) {
  const Result<ApprovalUse> use =
      read_approval_use(*json::find(record.body, {names::kBodyApproval}));
  if (!use) {
    return bad_approval("it names no use of an approval: " + use.error().message);
  }
  const Approval* one = state_.find(use->id);
  if (one == nullptr) {
    return nobody_asked(use->id);
  }
  if (one->uses == 0) {
    return bad_approval(ungranted(*one));
  }
  if (use->use < 1 || use->use > one->uses) {
    return bad_approval("it has use " + std::to_string(use->use) + " of " + named(one->id) +
                        ", which was granted for " + std::to_string(one->uses));
  }
  const auto [earlier, is_first] = spent_by_[one->id].emplace(use->use, record.id);
  if (!is_first) {
    return bad_approval("use " + std::to_string(use->use) + " of " + named(one->id) +
                        " was spent by record " + earlier->second.text());
  }
  const UseComparison compared = compare_use(record, *one);
  if (!compared.wrong.empty()) {
    return bad_approval(named(one->id) + " is of another call: " + compared.wrong + " differs");
  }
  state_.apply_spent(use->id, use->use);
  return count_use(compared);
}

ApprovalFinding ApprovalCheck::unanchored() const {
  return open_approval(enrolled_.is_partial() ? kFirstIsGone : kNewFirst);
}

ApprovalFinding ApprovalCheck::count_use(const UseComparison& compared) {
  if (!enrolled_.anchored()) {
    return unanchored();
  }
  ++counts_.uses;
  counts_.no_arguments += compared.arguments ? 0 : 1;
  counts_.no_people += compared.people ? 0 : 1;
  counts_.no_names += compared.names ? 0 : 1;
  return {};
}

// Of approvals that the state has forgotten.
void ApprovalCheck::forget_uses() {
  if (spent_by_.size() > 2 * approval::ApprovalState::kMost) {
    std::erase_if(spent_by_, [this](const auto& one) { return state_.find(one.first) == nullptr; });
  }
}

}  // namespace pawl
