// Arguments that people put in the place of a held call's: kept, shown, and given to the call that
// spends the approval. Threading: the I/O thread.
#include <algorithm>

#include "foundation/crypto/sha256.h"
#include "gateway/approval_desk.h"
#include "gateway/foreseen_rulings.h"
#include "operators/approval/changed_arguments.h"

namespace pawl {

using approval::Approval;

// Before anything of the decision is kept or recorded.
Status ApprovalDesk::judge_changed(const Uuid& approval, const std::string& params) const {
  const Approval* one = parts_.state.find(approval);
  return foreseen_ != nullptr && one != nullptr ? foreseen_->check_changed(*one, params) : Status();
}

// What takes the place of the call's params differs from them in its arguments and in nothing else,
// and lies beside them before the decision is recorded.
Status ApprovalDesk::keep_changed(const approval::Statement& said, const std::string& changed) {
  if (said.executed == said.requested) {
    return changed.empty() ? Status()
                           : fail(Code::kInvalidParams,
                                  "approval: params came with it, and the statement changes none");
  }
  if (changed.empty()) {
    const auto known = parts_.arguments.read_changed(said.approval, said.executed);
    return known ? judge_changed(said.approval, *known)
                 : fail(Code::kInvalidParams,
                        "approval: it changes the arguments, and `params` (their text) is missing");
  }
  if (digest_text(sha256(changed)) != said.executed) {
    return fail(Code::kInvalidParams, "approval: `params` are not those that the statement names");
  }
  const Result<std::string> asked = parts_.arguments.read(said.approval);
  if (!asked) {
    return fail(asked.error());
  }
  if (Status same = approval::differ_in_arguments(*asked, changed); !same) {
    return same;
  }
  if (Status good = judge_changed(said.approval, changed); !good) {
    return good;
  }
  return parts_.arguments.keep_changed(said.approval, said.executed, changed,
                                       parts_.recorder.now());
}

// What the last one who approved put in the place of the arguments.
Result<std::string> ApprovalDesk::changed_of(const Approval& one) const {
  const auto last = std::find_if(one.by.rbegin(), one.by.rend(), [](const approval::Signed& by) {
    return by.decision == approval::Decision::kApprove && !by.by_rule;
  });
  if (last == one.by.rend() || last->executed == one.binding.digest) {
    return fail(Code::kNotFound, "nobody changed them");
  }
  return parts_.arguments.read_changed(one.id, last->executed);
}

// Nothing was sent yet: what cannot be read leaves the use to be spent.
HeldAnswer ApprovalDesk::granted(const ApprovalUse& use) const {
  HeldAnswer out;
  out.kind = HeldAnswer::Kind::kGranted;
  out.use = use;
  const Approval* one = parts_.state.find(use.id);
  if (one == nullptr || one->executed == one->binding.digest) {
    return out;
  }
  Result<std::string> changed = parts_.arguments.read_changed(use.id, one->executed);
  if (!changed || digest_text(sha256(*changed)) != one->executed) {
    out.kind = HeldAnswer::Kind::kRefused;
    out.code = Code::kEvidenceUnavailable;
    out.reason = "the arguments that people approved cannot be read: " +
                 (changed ? "they are others" : changed.error().message);
    return out;
  }
  out.changed = *std::move(changed);
  return out;
}

}  // namespace pawl
