// What a running daemon consists of, in the order in which it is made; private to daemon*.cc.
//
// Threading:  the I/O thread, but for the override listener's own.
// Ownership:  later parts refer to earlier ones, and go first.
#pragma once

#include "app/api/control_api.h"
#include "app/api/override_api.h"
#include "app/daemon/call_rate.h"
#include "app/daemon/console_reads.h"
#include "app/daemon/daemon.h"
#include "app/daemon/governance.h"
#include "app/daemon/listener_options.h"
#include "app/daemon/public_log.h"
#include "app/daemon/record_lookup.h"
#include "app/daemon/refused_operators.h"
#include "app/daemon/scheduler.h"
#include "app/daemon/service_start.h"
#include "app/daemon/sign_in_desk.h"
#include "app/daemon/task_recorder.h"
#include "app/daemon/telemetry.h"
#include "app/daemon/told_people.h"
#include "app/daemon/upstream_factory.h"
#include "app/daemon/vault_desk.h"
#include "app/daemon/wrap_desk.h"
#include "app/daemon/wrapped_servers.h"
#include "infrastructure/bridge/bridge.h"

namespace pawl {

struct Daemon::Impl {
  Impl(Files& given_files, Clock& given_clock, Random& given_random, DaemonOptions given)
      : files(given_files),
        clock(given_clock),
        random(given_random),
        options(std::move(given)),
        folder{options.config.data} {}

  Files& files;
  Clock& clock;
  Random& random;
  DaemonOptions options;
  DataFolder folder;
  std::unique_ptr<FileLock> lock;
  EventLoop loop;
  LoopScheduler scheduler{loop};
  std::shared_ptr<OutputBudget> output = std::make_shared<OutputBudget>(
      queue_budget(options.config),
      [this](std::function<void()> task) { loop.post(std::move(task)); });
  http::ClientPool pool{loop, {}};
  std::unique_ptr<RecordLookupIndex> lookup;
  std::unique_ptr<telemetry::SpanExporter> spans;  // null: off
  ToldPeople told{{options.config, files, clock, random, scheduler, pool}};
  std::unique_ptr<Governance> governance;
  std::unique_ptr<RefusedOperators> refused;
  PublicFace face;
  WrappedServers wrapped;
  std::unique_ptr<OverrideListener> overrides;  // whose thread reads what stands above
  std::unique_ptr<identity::Authenticator> authenticator;
  std::unique_ptr<identity::OriginPolicy> origin;
  mcp::ServerHealthBoard health;
  CallRate rate;
  std::unique_ptr<mcp::Servers> servers;
  std::unique_ptr<TaskRecorder> tasks;
  std::unique_ptr<VaultDesk> vault;
  std::unique_ptr<bridge::Bridge> bridge;
  std::unique_ptr<SignInDesk> sign_in;  // null: nobody signs in
  std::unique_ptr<ConsoleReads> reads;
  std::unique_ptr<ControlApi> control_api;
  std::unique_ptr<http::Server> data, control;
  std::unique_ptr<WrapDesk> wraps;
  Timer timer;
  bool ready = false, stopping = false;
  std::optional<ChildUser> child_user;
  BootTime busy_at{};
  Status result;

  Status open();
  Status open_path();
  Status open_listeners();
  void note_refusal(std::string_view listener, std::string_view method, std::string_view path,
                    const http::Response& answer);  // any thread
  ControlApiHooks control_hooks(const std::string& token);
  json::Object addresses;  // of the listeners, once they are open
  void handle_data(http::Request request, const std::shared_ptr<http::ResponseWriter>& writer);
  void shim_arrived(ArrivedShim shim);
  void tick();
  void stop(Status why);
};

}  // namespace pawl
