#include "app/commands/approvals_watch.h"

#include <ostream>
#include <set>

#include "app/commands/event_follower.h"
#include "app/commands/local_http.h"
#include "app/commands/shown_held_call.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

class Watch {
 public:
  Watch(Context& context, const DataFolder& folder) : context_(context), folder_(folder) {}

  void run() {
    FollowedEvents told;
    told.event = [this](std::string_view event) {
      if (event == "approval" || event == "reload" || event == "connected") {
        look();
      }
    };
    told.trouble = [this](const std::string& what) { complain(what); };
    follow_events(context_.files, folder_, told);
  }

 private:
  Result<json::Value> ask(const std::string& what) {
    return ask_daemon(context_.files, folder_, DaemonListener::kControl, "/api/v1/approvals" + what,
                      "");
  }

  void complain(const std::string& what) {
    context_.io.err << "not watching: " << shown_text(what) << "; trying again\n" << std::flush;
  }

  // What waits, and was not shown yet. One that was passed on to others is shown again.
  void look() {
    const Result<json::Value> answer = ask("");
    if (!answer) {
      complain(answer.error().message);
      return;
    }
    const json::Value* list = json::find(*answer, {"approvals"});
    std::set<std::string> waiting;
    for (const json::Value& one :
         list != nullptr && list->is_array() ? list->get_array() : json::Array()) {
      const Result<HeldCall> call = read_held_call(one);
      if (!call || call->approval.phase != approval::Phase::kPending) {
        continue;
      }
      const std::string key =
          call->approval.id.text() + (call->approval.escalated ? " escalated" : "");
      if (shown_.contains(key) || show(call->approval.id)) {
        waiting.insert(key);
      }
    }
    shown_ = std::move(waiting);
  }

  bool show(const Uuid& id) {
    const Result<json::Value> answer = ask("/" + id.text());
    const Result<HeldCall> call = answer ? read_held_call(*answer) : fail(answer.error());
    if (!call) {
      complain(call.error().message);
      return false;
    }
    context_.io.out << (context_.io.json
                            ? json::print(*answer) + "\n"
                            : shown_held_call(*call, context_.clock.wall().seconds()) + "\n")
                    << std::flush;
    return true;
  }

  Context& context_;
  const DataFolder& folder_;
  std::set<std::string> shown_;
};

}  // namespace

void add_watch(CLI::App& group, Context& context) {
  on_run(*add_command(group, "watch", "Show each call as it begins to wait, until Ctrl-C",
                      {"pawl approvals watch", "pawl approvals watch --json"}),
         context, [&context] {
           const Result<DataFolder> folder = data_folder(context);
           if (!folder) {
             return report(context, folder.error());
           }
           Watch(context, *folder).run();
           return kExitGood;
         });
}

}  // namespace pawl
