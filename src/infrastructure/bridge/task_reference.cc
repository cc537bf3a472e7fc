#include "infrastructure/bridge/task_reference.h"

#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/aead.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/methods.h"

namespace pawl::bridge {
namespace {

constexpr std::string_view kModern = "modern";
constexpr std::size_t kMaxRevisionBytes = 32;

std::string bound_to(const Action& call) {
  return "pawl task v1\n" + call.id.text() + "\n" + call.caller.agent + "\n" + call.server;
}

std::string params_of(const TaskReference& task) {
  std::string params = R"({"taskId":)" + json::quote(task.id);
  if (task.era == mcp::Era::kModern) {
    params += R"(,"_meta":{)" + json::quote(mcp::kMetaProtocolVersion) + ":" +
              json::quote(task.revision) + "," + json::quote(mcp::kMetaClientInfo) +
              R"(:{"name":"pawl","version":"1"},)" + json::quote(mcp::kMetaClientCapabilities) +
              R"(:{"extensions":{)" + json::quote(mcp::kExtensionTasks) + ":{}}}}";
  }
  return params + "}";
}

}  // namespace

std::string TaskSeal::seal(const Action& call, TaskReference task) const {
  json::Object plain;
  plain["id"] = task.id.size() <= kMaxIdBytes ? std::move(task.id) : std::string();
  plain["era"] = task.era == mcp::Era::kModern ? kModern : std::string_view("legacy");
  plain["revision"] = task.revision.substr(0, kMaxRevisionBytes);
  plain["poll_ms"] = task.poll_interval_ms;
  return base64url_encode(aead_seal(key_, bound_to(call), json::print(plain), random_));
}

Result<TaskReference> TaskSeal::open(const Action& call, std::string_view sealed) const {
  const Result<std::string> bytes = base64url_decode(sealed);
  const Result<std::string> plain =
      bytes ? aead_open(key_, bound_to(call), *bytes) : Result<std::string>(fail(bytes.error()));
  const Result<json::Parsed> parsed =
      plain ? json::parse(*plain) : Result<json::Parsed>(fail(plain.error()));
  if (!parsed) {
    return fail(Code::kInvalidParams, "what was kept of the task cannot be opened");
  }
  const json::Value& value = parsed->value;
  TaskReference out;
  out.id = json::find_string(value, {"id"}).value_or("");
  out.era = json::find_string(value, {"era"}) == kModern ? mcp::Era::kModern : mcp::Era::kLegacy;
  out.revision = json::find_string(value, {"revision"}).value_or("");
  const json::Value* interval = json::find(value, {"poll_ms"});
  out.poll_interval_ms = interval != nullptr && interval->is_int64() ? interval->get_int64() : 0;
  return out;
}

Result<jsonrpc::Message> task_request(std::string_view method, const TaskReference& task,
                                      const std::string& request_id) {
  if (mcp::find_method(method, task.revision, mcp::Side::kClient, mcp::Form::kRequest) == nullptr) {
    return fail(Code::kUnsupported, "its revision has no " + std::string(method));
  }
  return jsonrpc::decode(jsonrpc::request(json::quote(request_id), method, params_of(task)));
}

}  // namespace pawl::bridge
