#include "gateway/folded_approvals.h"

#include "foundation/records/approval_use.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "operators/approval/approval_wire.h"

namespace pawl {
namespace {

constexpr std::string_view kMember = "approvals";

}  // namespace

bool FoldedApprovals::has(std::string_view kind) {
  return kind == kinds::kApprovalRequested || kind == kinds::kApprovalDecided ||
         kind == kinds::kApprovalExpired || kind == kinds::kApprovalDelivered;
}

void FoldedApprovals::apply(const FoldedRecord& record) {
  if (has(record.kind)) {
    if (const Result<approval::Event> event = approval::read_event(record.kind, record.body)) {
      approvals.apply(*event);
      if (std::holds_alternative<approval::Requested>(*event)) {
        const Result<Uuid> workflow =
            Uuid::parse(json::find_string(record.claims, {names::kClaimWid}).value_or(""));
        approvals.note_record(approval::approval_of(*event), record.id,
                              workflow ? std::optional(*workflow) : std::nullopt);
      }
    }
    return;
  }
  const json::Value* spent = json::find(record.body, {names::kBodyApproval});
  const Result<ApprovalUse> use =
      spent != nullptr ? read_approval_use(*spent) : fail(Code::kNotFound, "");
  if (use) {
    approvals.apply_spent(use->id, use->use);
  }
}

void FoldedApprovals::print_to(json::Object& out) const {
  if (!approvals.all().empty()) {
    out[kMember] = approval::print_approvals(approvals);
  }
}

Result<FoldedApprovals> FoldedApprovals::read(const json::Value& state) {
  const json::Value* value = json::find(state, {kMember});
  if (value == nullptr) {
    return FoldedApprovals{};
  }
  Result<approval::ApprovalState> read = approval::read_approvals(*value);
  return read ? Result<FoldedApprovals>(FoldedApprovals{*std::move(read)}) : fail(read.error());
}

}  // namespace pawl
