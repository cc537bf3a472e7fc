#include "app/commands/help_command.h"

#include <ostream>

namespace pawl {
namespace {

CLI::App* command_named(CLI::App& parent, const std::string& name) {
  for (CLI::App* command : parent.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == name) {
      return command;
    }
  }
  return nullptr;
}

int help(Context& context, CLI::App& root, const std::vector<std::string>& words) {
  CLI::App* at = &root;
  std::string name = root.get_name();
  for (const std::string& word : words) {
    at = command_named(*at, word);
    if (at == nullptr) {
      return report(context,
                    {Code::kInvalidParams, "\"" + word + "\" is not a command (see pawl help)"});
    }
    name += " " + word;
  }
  // Not at->help(): that one speaks of the command that was given, which is `help`.
  context.io.out << at->get_formatter()->make_help(at, name, CLI::AppFormatMode::Normal);
  return kExitGood;
}

}  // namespace

void add_help(CLI::App& root, Context& context) {
  CLI::App* help_command = add_command(root, "help", "What a command does, with examples",
                                       {"pawl help", "pawl help ledger tail"});
  help_command->fallthrough(false);  // else a command's name would be that command
  auto words = std::make_shared<std::vector<std::string>>();
  help_command->add_option("command", *words, "The command")->type_name("COMMAND...");
  on_run(*help_command, context, [&context, &root, words] { return help(context, root, *words); });
  on_run(*add_command(root, "version", "Which version this is", {"pawl version"}), context,
         [&context, &root] {
           context.io.out << root.version() << "\n";
           return kExitGood;
         });
}

}  // namespace pawl
