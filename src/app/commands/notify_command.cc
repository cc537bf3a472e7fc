#include "app/commands/notify_command.h"

#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

bool is_true(const json::Value& at, std::string_view name) {
  const json::Value* found = json::find(at, {name});
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string outcome_of(const json::Value& one) {
  const json::Value* status = json::find(one, {"status"});
  if (!is_true(one, "delivered")) {
    return "NOT delivered: " + shown_text(json::find_string(one, {"error"}).value_or("?"));
  }
  return "delivered" +
         (status != nullptr && status->is_int64() ? ", answers " + json::print(*status) : "");
}

// The daemon sends them: it has the secrets, and the way that notices take.
int test(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<json::Value> answer =
      folder ? ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/notify/test",
                          "{}")
             : Result<json::Value>(fail(folder.error()));
  if (!answer) {
    return report(context, answer.error());
  }
  const json::Value* webhooks = json::find(*answer, {"webhooks"});
  const json::Array none;
  const json::Array& list =
      webhooks != nullptr && webhooks->is_array() ? webhooks->get_array() : none;
  bool are_reached = !list.empty();
  for (const json::Value& one : list) {
    are_reached = are_reached && is_true(one, "delivered");
    if (!context.io.json) {
      context.io.out << shown_text(json::find_string(one, {"webhook"}).value_or("?")) << "  "
                     << outcome_of(one) << "\n";
    }
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else if (list.empty()) {
    context.io.out << "no webhook is configured: approval.notify in pawl.yaml\n";
  }
  return are_reached ? kExitGood : kExitBad;
}

}  // namespace

void add_notify(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "notify", "Tell people that calls wait for them", {"pawl notify test"});
  on_run(*add_command(*group, "test", "Send a test notice to each webhook, and say what came back",
                      {"pawl notify test"}),
         context, [&context] { return test(context); });
}

}  // namespace pawl
