#include "app/daemon/usual_shown.h"

#include "base/json_texts.h"
#include "foundation/records/kinds.h"
#include "operators/approval/usual_differences.h"

namespace pawl {
namespace {

constexpr std::string_view kArguments = "arguments";  // of the params, what is learned from

json::Object difference_shown(const approval::Difference& one) {
  json::Object out{{"pointer", "/" + std::string(kArguments) + one.pointer},
                   {"is", approval::unusual_name(one.what)},
                   {"seen", one.seen}};
  if (!one.now.empty()) {
    out["now"] = one.now;
  }
  if (!one.lowest.empty()) {
    out["lowest"] = one.lowest;
    out["highest"] = one.highest;
  }
  if (!one.usual.empty()) {
    out["values"] = json::texts(one.usual);
  }
  if (one.varies) {
    out["varies"] = true;
  }
  return out;
}

}  // namespace

bool has_usual(const approval::Binding& binding) {
  return binding.verb == kinds::kToolCall;
}

json::Object usual_shown(const approval::UsualCalls& usual, const std::string& params) {
  const Result<json::Parsed> parsed = json::parse(params);
  const json::Value* arguments = parsed ? json::find(parsed->value, {kArguments}) : nullptr;
  json::Object out{{"compared", usual.calls}};
  if (!parsed || usual.calls == 0) {
    return out;
  }
  const approval::Differences found = approval::differences(usual, arguments);
  json::Array differs;
  for (const approval::Difference& one : found.list) {
    differs.push_back(difference_shown(one));
  }
  out["differs"] = std::move(differs);
  if (found.more > 0) {
    out["more"] = found.more;
  }
  if (found.not_compared > 0) {
    out["not_compared"] = found.not_compared;
  }
  return out;
}

}  // namespace pawl
