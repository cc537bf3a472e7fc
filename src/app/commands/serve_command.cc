#include "app/commands/serve_command.h"

#include <ostream>

#include "app/commands/key_sources.h"
#include "app/commands/shown_log.h"
#include "app/commands/status_troubles.h"
#include "app/daemon/daemon.h"
#include "app/daemon/start_check.h"
#include "base/log.h"

namespace pawl {
namespace {

struct ServeFlags {
  bool development = false;
  int idle_exit_s = 0;
  std::string log;  // "json", "text"; empty: text on a terminal
};

int serve(Context& context, const ServeFlags& flags) {
  Result<Config> config = configuration(context);
  if (!config) {
    return report(context, config.error());
  }
  if (Status fit = check_start(*config, context.files, context.clock, flags.development); !fit) {
    return report(context, fit.error());
  }
  Result<KeySources> keys = key_sources(context);
  const Status given = keys ? check_credentials(context.files, *keys) : Status(fail(keys.error()));
  if (!given) {
    return report(context, given.error());  // no better by trying again
  }
  Result<OutsidePointsConfig> outside = load_outside(context.files, *config, context.environment);
  if (!outside) {
    return report(context, outside.error());
  }
  LogLevel level = LogLevel::kInfo;
  if (parse_log_level(config->log_level, level)) {
    set_log_level(level);
  }
  if (flags.log.empty() ? context.io.error_terminal : flags.log == "text") {
    set_log_sink(terminal_log(context.files, DataFolder{config->data}));
  }
  DaemonOptions options;
  options.config = *std::move(config);
  options.keys = *std::move(keys);
  options.outside = *std::move(outside);
  options.development = flags.development;
  options.idle_exit = std::chrono::seconds(flags.idle_exit_s);
  options.troubles = troubles_json;
  Daemon daemon(context.files, context.clock, context.random, std::move(options));
  if (Status served = daemon.run(); !served) {
    // A refused PIN is no start to try again: the token would lock itself.
    const bool is_final = served.error().code == Code::kUnauthenticated;
    return report(context, served.error(), is_final ? kExitUnclear : kExitBad);
  }
  return kExitGood;
}

}  // namespace

void add_serve(CLI::App& root, Context& context) {
  CLI::App* command = add_command(root, "serve", "Run the gateway",
                                  {"pawl serve --config pawl.yaml", "pawl serve --dev"});
  auto flags = std::make_shared<ServeFlags>();
  command->add_flag("--dev", flags->development,
                    "Callers need no identity (loopback only); each is marked as asserted");
  command->add_option("--idle-exit", flags->idle_exit_s,
                      "End after so many seconds without a shim or a call; 0: never");
  command
      ->add_option("--log", flags->log,
                   "json: one object a line; text: for people (default: text on a terminal)")
      ->check(CLI::IsMember({"json", "text"}));
  on_run(*command, context, [&context, flags] { return serve(context, *flags); });
}

}  // namespace pawl
