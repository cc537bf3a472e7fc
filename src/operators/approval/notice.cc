#include "operators/approval/notice.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/json_texts.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"

namespace pawl::approval {
namespace {

constexpr std::size_t kLongestName = 256;  // as in records

std::string bounded(const std::string& name) {
  return name.size() <= kLongestName ? name : "sha256:" + digest_text(sha256(name));
}

std::string shown_time(std::int64_t seconds) {
  return format_rfc3339(WallTime{seconds * 1'000'000});
}

std::string message(std::string_view type, std::int64_t at, json::Object data) {
  json::Object out{{"type", type}, {"timestamp", shown_time(at)}};
  out["data"] = std::move(data);
  return json::print(out);
}

void put_address(json::Object& data, const NoticeWords& words) {
  if (!words.address.empty()) {
    data["address"] = words.address;
  }
}

}  // namespace

std::string notice_id(const Approval& approval) {
  return "approval-" + approval.id.text() + (approval.escalated ? "-escalated" : "");
}

std::vector<OwedNotice> owed_notices(const ApprovalState& state, std::int64_t now) {
  std::vector<OwedNotice> out;
  for (const auto& [id, approval] : state.all()) {
    if (approval.phase == Phase::kPending && !approval.delivered && now < approval.expires_at) {
      out.push_back({notice_id(approval), id});
    }
  }
  return out;
}

std::string print_notice(const Approval& approval, const NoticeWords& words) {
  const Binding& bound = approval.binding;
  json::Object data{{"instance", words.instance},
                    {"approval", approval.id.text()},
                    {"agent", bounded(bound.agent)},
                    {"server", bounded(bound.server)},
                    {"verb", bounded(bound.verb)}};
  if (bound.verb == kinds::kToolCall || bound.verb == kinds::kPromptGet) {
    data["name"] = bounded(bound.name);
  }
  if (words.has_digests) {
    data["digest"] = bound.digest;
    data["binding_digest"] = binding_digest(bound);
  }
  data["policy"] = bound.policy;
  data["roles"] = json::texts(approval.roles());
  data["of"] = approval.terms.of;
  data["uses"] = approval.terms.uses;
  data["escalated"] = approval.escalated;
  data["expires"] = approval.expires_at;
  put_address(data, words);
  const std::int64_t at =
      approval.escalated ? approval.expires_at - approval.terms.within_s : approval.requested_at;
  return message(approval.escalated ? "approval.escalated" : "approval.requested", at,
                 std::move(data));
}

std::string print_test_notice(const NoticeWords& words, std::int64_t at) {
  json::Object data{{"instance", words.instance}};
  put_address(data, words);
  return message("notice.test", at, std::move(data));
}

}  // namespace pawl::approval
