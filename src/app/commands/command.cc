#include "app/commands/command.h"

#include <algorithm>
#include <exception>
#include <istream>
#include <ostream>

#include "app/commands/shown_text.h"
#include "base/json.h"

namespace pawl {
namespace {

constexpr const char* kHere = "./pawl.yaml";
constexpr const char* kService = "/etc/pawl/pawl.yaml";  // of the package

Result<Config> load(const Context& context, const Environment& environment, bool opens_vault) {
  const std::string path = config_path(context);
  Result<Config> config =
      path.empty() ? default_config("./pawl-data")
                   : load_config(context.files, path, environment, {context.data, opens_vault});
  if (config && !context.data.empty()) {
    config->data = context.data;
  }
  return config;
}

// An option that was given with nothing in it; empty: there is none. Most options mean "not asked"
// when they are empty, so `--nonce "$UNSET"` would ask for less than was meant. Words for people
// may be empty, and so may everything of a stop, which must not wait for a better command line.
std::string given_but_empty(const CLI::App& command) {
  if (command.get_name() == "stop") {
    return "";
  }
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      const std::string name = option->get_name();
      const CLI::results_t& given = option->results();
      if (option->nonpositional() && name != "--reason" &&
          std::find(given.begin(), given.end(), "") != given.end()) {
        return name;
      }
    }
  }
  return "";
}

}  // namespace

void add_common_options(CLI::App& root, Context& context) {
  root.fallthrough();
  root.require_subcommand(1);
  root.add_option("--config", context.config_file,
                  "Configuration (default: ./pawl.yaml, else /etc/pawl/pawl.yaml, if there)")
      ->type_name("FILE");
  root.add_option("--data", context.data, "Data folder, instead of the configuration's")
      ->type_name("DIR");
  root.add_flag("--json", context.io.json, "Answer in JSON, for machines");
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::vector<std::string>& examples) {
  CLI::App* command = parent.add_subcommand(name, what);
  std::string footer = "Examples:";
  for (const std::string& example : examples) {
    footer += "\n  " + example;
  }
  command->footer(footer);
  return command;
}

CLI::App* add_group(CLI::App& root, const std::string& name, const std::string& what,
                    const std::vector<std::string>& examples) {
  CLI::App* group = add_command(root, name, what, examples);
  group->require_subcommand(1);
  return group;
}

void on_run(CLI::App& command, Context& context, std::function<int()> work) {
  command.callback([&context, &command, work = std::move(work)] {
    const std::string empty = given_but_empty(command);
    if (!empty.empty()) {
      context.exit_code = report(
          context, {Code::kInvalidParams, empty + " is empty: give it a value, or leave it out"});
      return;
    }
    try {
      context.exit_code = work();
    } catch (const std::exception& wrong) {
      context.exit_code = report(context, {Code::kInternal, wrong.what()}, kExitBad);
    }
  });
}

int run_command(CLI::App& root, std::vector<std::string> arguments, Context& context) {
  // CLI11 takes the words from the back.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    root.parse(std::move(reversed));
  } catch (const CLI::Success& asked) {  // --help, --version
    return root.exit(asked, context.io.out, context.io.err);
  } catch (const CLI::RequiredError& wrong) {
    // A word that is no command is told as such, not as a missing command.
    const std::vector<std::string> unknown = root.remaining(true);
    return report(context, {Code::kInvalidParams,
                            (unknown.empty() ? std::string(wrong.what())
                                             : "\"" + unknown.front() + "\" is not a command") +
                                " (see --help)"});
  } catch (const CLI::ParseError& wrong) {
    return report(context, {Code::kInvalidParams, std::string(wrong.what()) + " (see --help)"});
  }
  return context.exit_code;
}

int report(Context& context, const Error& error, int exit_code) {
  if (context.io.json) {
    const json::Object told{{"code", code_name(error.code)}, {"message", error.message}};
    context.io.err << json::print(json::Object{{"error", told}}) << '\n';
  } else {
    context.io.err << "pawl: " << shown_text(error.message) << '\n';
  }
  return exit_code;
}

Result<Config> configuration(const Context& context) {
  return load(context, context.environment, true);
}

std::string config_path(const Context& context) {
  if (!context.config_file.empty()) {
    return context.config_file;
  }
  if (context.files.exists(kHere)) {
    return kHere;
  }
  return context.data.empty() && context.files.exists(kService) ? kService : "";
}

Result<Config> configuration_without_secrets(const Context& context) {
  const Environment environment = [&](const std::string& name) {
    std::optional<std::string> value = context.environment(name);
    return value && !value->empty() ? value : std::optional<std::string>(kUnsetSecret);
  };
  return load(context, environment, false);
}

Result<Config> place(const Context& context) {
  const std::string path = config_path(context);
  return path.empty() ? default_config("./pawl-data") : load_place(context.files, path);
}

Result<std::optional<WitnessConfig>> witness_config(const Context& context) {
  const std::string path = config_path(context);
  return path.empty() ? std::optional<WitnessConfig>() : load_witnesses(context.files, path);
}

Result<DataFolder> data_folder(const Context& context) {
  if (!context.data.empty()) {
    return DataFolder{context.data};
  }
  const Result<Config> config = place(context);
  if (!config) {
    return fail(config.error().code,
                config.error().message + " (--data DIR does without the file)");
  }
  return DataFolder{config->data};
}

}  // namespace pawl
