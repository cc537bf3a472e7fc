// Who was enrolled when, as the records of a log prove it.
//
// Purpose:    the part of `pawl verify` that says whose signature counts on an approval: the first
//             operator enrolls with a key of their own, every other one by an admin's signature, so
//             a gateway that has all its own keys can enroll nobody.
// Threading:  plain value; fed with the records of a log in its order, of earlier logs first.
// Verdicts:   kBad: a record that says another thing than was signed, is signed by nobody who
// might,
//             or that the rules of docs/formats/enrollment.md refuse. kUnknown: its body was cut,
//             or who signed was enrolled in a part of the log that is not here.
// Not errors: a first operator whom the verifier does not know: anchored() is false then.
// Source:     docs/formats/enrollment.md.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "foundation/ledger/verify.h"
#include "gateway/fold_part.h"
#include "operators/approval/enrollment.h"

namespace pawl {

struct ApprovalFinding {
  ledger::Verdict verdict = ledger::Verdict::kGood;
  std::string what{};
};
ApprovalFinding bad_approval(std::string what);
ApprovalFinding open_approval(std::string what);

class EnrollmentCheck {
 public:
  // `trusts`: whether the verifier brought this key as an operator's.
  explicit EnrollmentCheck(std::function<bool(std::string_view kid)> trusts)
      : trusts_(std::move(trusts)) {}

  // Records before the next one are not here.
  void misses_some() { misses_some_ = true; }
  // `is_pinned`: the record stands below a head that the verifier pinned.
  ApprovalFinding add(const FoldedRecord& record, bool is_pinned);
  // `identity.revoked` and `identity.restored`, for keys of operators.
  void note_revocation(const FoldedRecord& record);

  const std::vector<Operator>& operators() const { return state_.operators(); }
  const approval::EnrolledOperators& enrolled() const { return state_; }
  bool is_revoked(std::string_view kid) const;
  // Whether the first operator is one that the verifier knows, or had pinned with the log.
  bool anchored() const { return anchored_; }
  bool is_partial() const { return misses_some_; }
  std::uint64_t checked() const { return checked_; }

 private:
  std::function<bool(std::string_view)> trusts_;
  approval::EnrolledOperators state_;
  std::map<Uuid, std::string> revoked_;  // targets by the revocation's id
  bool misses_some_ = false;
  bool anchored_ = false;
  std::uint64_t checked_ = 0;  // statements that count
};

// The time that a record's body says must be that of the record itself.
bool is_of_its_time(const FoldedRecord& record, std::int64_t at);
// Whether only a part of the body stands in the record.
bool is_cut(const FoldedRecord& record);
std::string_view issuer_of(const FoldedRecord& record);

}  // namespace pawl
