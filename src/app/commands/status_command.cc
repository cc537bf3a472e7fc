#include "app/commands/status_command.h"

#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

std::string shown(const json::Value& status, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(status, path);
  if (found == nullptr) {
    return "?";
  }
  return found->is_string() ? shown_text(std::string_view(found->get_string()))
                            : json::print(*found);
}

void show(std::ostream& out, const json::Value& status) {
  out << "pawl    " << shown(status, {"domain"}) << " / " << shown(status, {"node"}) << ", mode "
      << shown(status, {"mode"}) << ", up " << shown(status, {"uptime_s"}) << " s\n"
      << "ledger  " << shown(status, {"ledger", "size"}) << " records, writable "
      << shown(status, {"ledger", "writable"}) << "\n"
      << "rules   " << shown(status, {"rules", "count"}) << " (digest "
      << shown(status, {"rules", "digest"}) << ")\n"
      << "calls   " << shown(status, {"open_calls"}) << " open, "
      << shown(status, {"unknown_outcomes", "count"}) << " with unknown outcome\n";
  const json::Value* stops = json::find(status, {"stops"});
  if (stops == nullptr || !stops->is_array() || stops->get_array().empty()) {
    out << "stops   none\n";
    return;
  }
  for (const json::Value& stop : stops->get_array()) {
    out << "STOP    " << shown(stop, {"scope"}) << "  by " << shown(stop, {"by"}) << "  "
        << shown(stop, {"reason"}) << "\n";
  }
}

int status(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<json::Value> answer =
      ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/status", "");
  if (!answer) {
    return report(context, answer.error(), kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
  } else {
    show(context.io.out, *answer);
  }
  return kExitGood;
}

}  // namespace

void add_status(CLI::App& root, Context& context) {
  CLI::App* command =
      add_command(root, "status", "What is going on", {"pawl status", "pawl status --json"});
  on_run(*command, context, [&context] { return status(context); });
}

}  // namespace pawl
