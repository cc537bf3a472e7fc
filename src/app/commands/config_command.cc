#include "app/commands/config_command.h"

#include <ostream>

namespace pawl {
namespace {

int show(Context& context) {
  const Result<Config> config = configuration_without_secrets(context);
  if (!config) {
    return report(context, config.error());
  }
  context.io.out << show_config(*config) << "\n";
  return kExitGood;
}

int check(Context& context) {
  const Result<Config> config = configuration(context);
  if (!config) {
    return report(context, config.error());
  }
  for (const std::string& warning : config->warnings) {
    context.io.err << "warning: " << warning << "\n";
  }
  context.io.out << (config->file.empty() ? std::string("(defaults)") : config->file)
                 << " is good\n";
  return kExitGood;
}

}  // namespace

void add_config(CLI::App& root, Context& context) {
  CLI::App* group = add_group(root, "config", "Look at the configuration");
  on_run(*add_command(*group, "show", "What is in force, without secrets", {"pawl config show"}),
         context, [&context] { return show(context); });
  on_run(*add_command(*group, "check", "Find mistakes without starting", {"pawl config check"}),
         context, [&context] { return check(context); });
}

}  // namespace pawl
