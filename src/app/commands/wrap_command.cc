#include "app/commands/wrap_command.h"

#include <unistd.h>

#include <climits>

#include "app/config/config_values.h"
#include "app/daemon/wrap_refusal.h"
#include "app/daemon/wrap_shim.h"

namespace pawl {
namespace {

struct WrapFlags {
  std::string name;
  std::string agent;
  bool no_start = false;
  std::vector<std::string> command;
};

std::map<std::string, std::string> whole_environment() {
  std::map<std::string, std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) {
      out[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  return out;
}

// "server-filesystem" of "@modelcontextprotocol/server-filesystem@2026.8.31".
std::string name_from(const std::vector<std::string>& command) {
  const bool runner = command.front().ends_with("npx") || command.front().ends_with("node");
  std::string word = command.front();
  for (std::size_t i = 1; runner && i < command.size(); ++i) {
    if (!command[i].starts_with("-")) {
      word = command[i];
      break;
    }
  }
  if (const std::size_t at = word.find('@', 1); at != std::string::npos) {
    word.resize(at);
  }
  word = word.substr(word.rfind('/') == std::string::npos ? 0 : word.rfind('/') + 1);
  std::string out;
  for (const char c : word.substr(0, word.find('.'))) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out.push_back((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? lower : '-');
  }
  return out.substr(0, 63);
}

std::vector<std::string> daemon_argv(const Context& context) {
  char self[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  if (length <= 0) {
    return {};
  }
  std::vector<std::string> out = {std::string(self, static_cast<std::size_t>(length)), "serve",
                                  "--idle-exit", "600"};
  if (!context.config_file.empty()) {
    out.insert(out.end(), {"--config", context.config_file});
  }
  if (!context.data.empty()) {
    out.insert(out.end(), {"--data", context.data});
  }
  return out;
}

int wrap(Context& context, const WrapFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  WrapOptions options;
  options.folder = *folder;
  options.command = flags.command;
  options.name = flags.name.empty() ? name_from(flags.command) : flags.name;
  options.agent = flags.agent;
  options.environment = whole_environment();
  if (!is_server_name(options.name)) {
    return report(context,
                  {Code::kInvalidParams, "--name: a server's name is 1 to 63 of a-z, 0-9 and -"});
  }
  if (!flags.no_start) {
    options.start_daemon = daemon_argv(context);
  }
  const Result<int> ended = run_wrap(context.files, context.random, options);
  if (ended) {
    return *ended;
  }
  refuse_client(STDIN_FILENO, STDOUT_FILENO, ended.error());
  return report(context, ended.error(),
                ended.error().code == Code::kForbidden ? kExitUnclear : kExitBad);
}

}  // namespace

void add_wrap(CLI::App& root, Context& context) {
  CLI::App* command = add_command(
      root, "wrap", "Run an MCP server over stdio behind the gateway",
      {"pawl wrap --name files -- npx -y @modelcontextprotocol/server-filesystem@2026.8.31 ."});
  auto flags = std::make_shared<WrapFlags>();
  command->add_option("--name", flags->name,
                      "Name of the server in rules and records (default: from the command)");
  command->add_option("--agent", flags->agent, "Which of this user's agents calls");
  command->add_flag("--no-start", flags->no_start, "Do not start a daemon when none runs");
  command->add_option("command", flags->command, "The server's command, after --")->required();
  on_run(*command, context, [&context, flags] { return wrap(context, *flags); });
}

}  // namespace pawl
