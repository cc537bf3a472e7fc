#include "gateway/folded_operators.h"

#include "foundation/records/kinds.h"
#include "operators/approval/enrollment_wire.h"

namespace pawl {
namespace {

constexpr std::string_view kMember = "operators";

}  // namespace

bool FoldedOperators::has(std::string_view kind) {
  return kind == kinds::kOperatorEnrolled || kind == kinds::kOperatorRemoved;
}

void FoldedOperators::apply(const FoldedRecord& record) {
  if (!has(record.kind)) {
    return;
  }
  if (const auto read = approval::read_enrollment(record.kind, record.body)) {
    operators.apply(*read);
  }
}

void FoldedOperators::print_to(json::Object& out) const {
  if (operators.founded()) {
    out[kMember] = operators.print();
  }
}

Result<FoldedOperators> FoldedOperators::read(const json::Value& state) {
  const json::Value* value = json::find(state, {kMember});
  if (value == nullptr) {
    return FoldedOperators{};
  }
  Result<approval::EnrolledOperators> read = approval::EnrolledOperators::read(*value);
  return read ? Result<FoldedOperators>(FoldedOperators{*std::move(read)}) : fail(read.error());
}

}  // namespace pawl
