#include "app/commands/enrollment_check.h"

#include <algorithm>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "gateway/folded_record.h"
#include "operators/approval/enrollment_wire.h"
#include "operators/override/revocation.h"
#include "path/proof_names.h"

namespace pawl {

using ledger::Verdict;

ApprovalFinding bad_approval(std::string what) {
  return {Verdict::kBad, std::move(what)};
}

ApprovalFinding open_approval(std::string what) {
  return {Verdict::kUnknown, std::move(what)};
}

bool is_of_its_time(const FoldedRecord& record, std::int64_t at) {
  constexpr std::int64_t kSkewSeconds = 30;  // of a clock between decision and record
  constexpr std::int64_t kLongestSeconds = 300;
  return at <= record.iat + kSkewSeconds && at >= record.iat - kLongestSeconds;
}

bool is_cut(const FoldedRecord& record) {
  return stands_out_of_line(record.typ, record.claims, kinds::area(record.kind));
}

std::string_view issuer_of(const FoldedRecord& record) {
  return json::find_string(record.claims, {names::kClaimIss}).value_or("");
}

bool EnrollmentCheck::is_revoked(std::string_view kid) const {
  const std::string name = key_name(kid);
  return std::any_of(revoked_.begin(), revoked_.end(),
                     [&](const auto& one) { return one.second == name; });
}

void EnrollmentCheck::note_revocation(const FoldedRecord& record) {
  if (record.kind == kinds::kIdentityRestored) {
    for (const Uuid& id : ids_in(json::find(record.body, {"revocations"}))) {
      revoked_.erase(id);
    }
    return;
  }
  const json::Value* made = json::find(record.body, {"revocation"});
  const auto revocation = override_::read_revocation(made != nullptr ? *made : json::Value{});
  if (revocation && revocation->target.starts_with(key_name(""))) {
    revoked_.insert_or_assign(revocation->id, revocation->target);
  }
}

ApprovalFinding EnrollmentCheck::add(const FoldedRecord& record, bool is_pinned) {
  if (is_cut(record)) {
    misses_some_ = true;
    return open_approval("its body was too large and holds only a digest");
  }
  const auto read = approval::read_enrollment(record.kind, record.body);
  if (!read) {
    return bad_approval("it enrolls or removes nobody: " + read.error().message);
  }
  const auto said = approval::verify_enrollment(read->statement, operators());
  if (!said && said.error().code == Code::kForbidden && misses_some_) {
    state_.apply(*read);
    return open_approval(
        "not shown: who signed it was enrolled in a part of the log that is not "
        "here");
  }
  if (!said) {
    return bad_approval("no operator who might signed it: " + said.error().message);
  }
  if (approval::print_enrollment({*said, read->at, read->statement}) !=
      approval::print_enrollment(*read)) {
    return bad_approval("the operator signed something else than the record says");
  }
  if (!is_of_its_time(record, read->at)) {
    return bad_approval("it says another time than its record");
  }
  if (is_revoked(said->by_key)) {
    return bad_approval("the key that signed it had been revoked");
  }
  const Status counts = approval::decide_enrollment(state_, *said, issuer_of(record), read->at);
  if (!counts && !misses_some_) {
    return bad_approval(counts.error().message);
  }
  state_.apply(*read);
  if (!counts) {
    return open_approval(
        "not shown: whether it counts depends on a part of the log that is not here");
  }
  ++checked_;
  if (said->bootstrap) {
    anchored_ = trusts_(said->kid) || (is_pinned && !misses_some_);
  }
  return {};
}

}  // namespace pawl
