// Whether every call that went through by an approval had one that people gave.
//
// Purpose:    what `pawl verify` does with the records of operators, approvals, and calls that name
//             a use of one. The same core decides as in the gateway, on records alone: a gateway
//             with all its own keys and no operator's has no approval that is good here.
// Threading:  plain value; fed with the records of a log in its order, of earlier logs first.
// Bounds:     as many approvals as a gateway remembers, and the ids of all.
// Verdicts:   kBad: a decision that is not what an enrolled operator signed, on another approval,
// or
//             too late; a use of an approval that nobody granted, that is not one of the granted
//             ones, or that another call had; a call that is another than the approved one.
//             kUnknown: what it rests on is not here ("not shown"), or the verifier knows nothing
//             of the first operator, or not where the passkey that signed is used.
// Not errors: what a record has only salted, as a pseudonym, or not at all: it is counted.
// Not shown:  that a call which names no approval needed none.
// Source:     docs/formats/approval.md, "What a verifier checks".
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_set>

#include "app/commands/approval_use.h"
#include "app/commands/enrollment_check.h"
#include "operators/approval/approval_state.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/passkey_statement.h"

namespace pawl {

struct ApprovalCounts {
  std::uint64_t decisions = 0;     // of people, whose signature counts
  std::uint64_t uses = 0;          // calls that spent one, with a good approval
  std::uint64_t no_arguments = 0;  // of these, whose arguments could not be compared,
  std::uint64_t no_people = 0;     // on whose behalf,
  std::uint64_t no_names = 0;      // and agent, server, verb or name
};

class ApprovalCheck {
 public:
  // `parties`: where people use passkeys, as the verifier knows; of others none is decided.
  explicit ApprovalCheck(std::function<bool(std::string_view kid)> trusts,
                         std::vector<sign_in::RelyingParty> parties = {})
      : parties_(std::move(parties)), enrolled_(trusts) {}

  // Which records add() wants, by kind or by what is in them.
  static bool wants(std::string_view kind);

  // Records before the next one are not here: of another log, which held enrollments too, or
  // pruned, which leaves those.
  void misses_a_log();
  void misses_approvals() { misses_some_ = true; }

  ApprovalFinding add(const FoldedRecord& record, bool is_pinned);

  const ApprovalCounts& counts() const { return counts_; }
  const EnrollmentCheck& enrolled() const { return enrolled_; }

 private:
  ApprovalFinding add_event(const FoldedRecord& record);
  ApprovalFinding requested(const FoldedRecord& record, const approval::Requested& event);
  ApprovalFinding escalated(const FoldedRecord& record, const approval::Escalated& event);
  ApprovalFinding decided(const FoldedRecord& record, const approval::Decided& event);
  ApprovalFinding decided_by_person(const FoldedRecord& record, const approval::Decided& event);
  std::string unknown_page(const approval::Evidence& evidence) const;
  Result<approval::VerifiedStatement> signed_statement(const approval::Evidence& evidence) const;
  ApprovalFinding spent(const FoldedRecord& record);
  ApprovalFinding nobody_asked(const Uuid& approval) const;
  ApprovalFinding unanchored() const;
  ApprovalFinding count_use(const UseComparison& compared);
  void forget_uses();

  std::vector<sign_in::RelyingParty> parties_;  // that the verifier knows
  EnrollmentCheck enrolled_;
  approval::ApprovalState state_;
  std::unordered_set<Uuid> seen_;                           // ids of all that were asked for
  std::map<Uuid, std::map<std::uint32_t, Uuid>> spent_by_;  // the call of each use
  bool misses_some_ = false;
  ApprovalCounts counts_;
};

}  // namespace pawl
