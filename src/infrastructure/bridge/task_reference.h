// Which task at a server, and how to ask for it: sealed for the ledger, and as a request.
//
// Purpose:    at many servers whoever knows a task's id may read its result, so the id stands in no
//             record in the clear. What a restart needs is sealed with a key that never leaves the
//             keystore, bound to the call, its agent and its server (docs/adr/0012).
// Threading:  pure functions; TaskSeal: the I/O thread (its Random).
// Errors:     open: kInvalidParams: another secret, another call, or not ours.
// Not errors: an id over kMaxIdBytes: it is not kept, and id is empty after open().
//
// Example:
//   answer.followed = seal.seal(call, {task->id, era, revision, task->poll_interval_ms});
//   Result<TaskReference> task = seal.open(call, text);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "infrastructure/jsonrpc/message.h"
#include "infrastructure/mcp/era.h"
#include "path/action.h"

namespace pawl::bridge {

struct TaskReference {
  std::string id;  // the server's own
  mcp::Era era = mcp::Era::kLegacy;
  std::string revision;
  std::int64_t poll_interval_ms = 0;  // 0: not said
};

class TaskSeal {
 public:
  static constexpr std::size_t kMaxIdBytes = 256;

  TaskSeal(std::string key, Random& random) : key_(std::move(key)), random_(random) {}
  // At most 1024 bytes, base64url.
  std::string seal(const Action& call, TaskReference task) const;
  Result<TaskReference> open(const Action& call, std::string_view sealed) const;

 private:
  const std::string key_;
  Random& random_;
};

// The gateway's own requests for a task. Errors: kUnsupported: the revision has no such method.
inline constexpr std::string_view kTasksGet = "tasks/get";
inline constexpr std::string_view kTasksCancel = "tasks/cancel";
Result<jsonrpc::Message> task_request(std::string_view method, const TaskReference& task,
                                      const std::string& request_id);

}  // namespace pawl::bridge
