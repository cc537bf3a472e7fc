#include "foundation/records/policy_use.h"

#include "base/json_text.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kDigestCharacters = 43;
constexpr std::size_t kMaxNodeBytes = 64;

}  // namespace

std::string print_policy_use(const PolicyUse& use) {
  json::ObjectText out(256);
  out.text(names::kAcpUseRun, use.run);
  out.id(names::kAcpUseToken, use.token);
  out.text(names::kAcpUseDigest, use.digest);
  if (!use.node.empty()) {
    out.text(names::kAcpUseNode, use.node);
  }
  out.number(names::kAcpUseUntil, use.until_s);
  if (use.leaves_task) {
    out.flag(names::kAcpUseTask, true);
  }
  return out.take();
}

Result<PolicyUse> read_policy_use(const json::Value& value) {
  const auto text = [&](std::string_view name) {
    return std::string(json::find_string(value, {name}).value_or(""));
  };
  const Result<Uuid> token = Uuid::parse(text(names::kAcpUseToken));
  const json::Value* until = json::find(value, {names::kAcpUseUntil});
  const json::Value* task = json::find(value, {names::kAcpUseTask});
  PolicyUse out{.run = text(names::kAcpUseRun),
                .token = token.value_or(Uuid{}),
                .digest = text(names::kAcpUseDigest),
                .node = text(names::kAcpUseNode),
                .until_s = until != nullptr && until->is_int64() ? until->get_int64() : 0,
                .leaves_task = task != nullptr};
  if (out.token.is_nil() || out.run.size() != kDigestCharacters ||
      out.digest.size() != kDigestCharacters || out.node.size() > kMaxNodeBytes ||
      out.until_s <= 0) {
    return fail(Code::kMalformed, "acp: expected run, token, digest and until");
  }
  return out;
}

}  // namespace pawl
