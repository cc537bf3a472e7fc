#include "foundation/records/approval_use.h"

#include "base/json_text.h"
#include "foundation/records/hold_terms.h"

namespace pawl {

std::string print_approval_use(const ApprovalUse& use) {
  json::ObjectText out(80);
  out.id("id", use.id);
  out.number("use", use.use);
  return out.take();
}

Result<ApprovalUse> read_approval_use(const json::Value& value) {
  const Result<Uuid> id = Uuid::parse(json::find_string(value, {"id"}).value_or(""));
  const json::Value* use = json::find(value, {"use"});
  if (!id || id->is_nil() || use == nullptr || !use->is_int64() || use->get_int64() < 1 ||
      use->get_int64() > HoldTerms::kMostUses) {
    return fail(Code::kMalformed, "approval: expected id and use");
  }
  return ApprovalUse{*id, static_cast<std::uint32_t>(use->get_int64())};
}

}  // namespace pawl
