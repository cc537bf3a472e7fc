#include "app/commands/config_command.h"

#include <ostream>

#include "app/commands/key_sources.h"
#include "app/commands/shown_text.h"
#include "app/config/effective_config.h"
#include "app/daemon/approval_channels.h"
#include "app/daemon/rule_files.h"
#include "app/daemon/start_check.h"

namespace pawl {
namespace {

int show(Context& context) {
  const Result<Config> config = configuration_without_secrets(context);
  const Result<KeySources> keys = config ? key_sources(context) : fail(config.error());
  const Result<ConfigParts> parts =
      keys ? load_parts(context.files, *config, *keys) : fail(keys.error());
  if (!parts) {
    return report(context, parts.error());
  }
  context.io.out << json::print(effective_config(*config, *parts)) << "\n";
  return kExitGood;
}

// What `pawl serve` would refuse, by the functions with which it does.
int check(Context& context) {
  const Result<Config> config = configuration(context);
  if (!config) {
    return report(context, config.error());
  }
  Status fit = check_start(*config, context.files, context.clock, false);
  std::string nobody;
  if (fit) {
    const auto rules = load_rule_files(context.files, config->rules);
    fit = rules ? Status{} : Status(fail(rules.error()));
    nobody =
        rules ? nobody_told(*config, **rules, context.files, context.clock.wall().seconds()) : "";
  }
  if (!fit) {
    return report(context, fit.error());
  }
  std::vector<std::string> warnings = config->warnings;
  for (std::string& warning : start_warnings(*config, context.files)) {
    warnings.push_back(std::move(warning));
  }
  if (!nobody.empty()) {
    warnings.push_back(place_in(*config, "approval") + ": " + nobody);
  }
  for (const std::string& warning : warnings) {
    context.io.err << "warning: " << shown_text(warning) << "\n";
  }
  context.io.out << (config->file.empty() ? std::string("(defaults)") : config->file)
                 << " is good\n";
  return kExitGood;
}

}  // namespace

void add_config(CLI::App& root, Context& context) {
  CLI::App* group = add_group(root, "config", "Look at the configuration",
                              {"pawl config check", "pawl config show"});
  on_run(*add_command(*group, "show", "What is in force, without secrets", {"pawl config show"}),
         context, [&context] { return show(context); });
  on_run(*add_command(*group, "check", "Find mistakes without starting", {"pawl config check"}),
         context, [&context] { return check(context); });
}

}  // namespace pawl
