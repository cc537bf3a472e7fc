// The shape of a command of `pawl`.
//
// Purpose:    what main.cc gives to every command, and what every command does alike: where the
//             configuration and the data folder are, how an error is told, how it exits.
// Threading:  the main thread.
// Ownership:  Context outlives the CLI::App whose callbacks refer to it.
// Errors:     one line on stderr, "pawl: what, where, what was expected", and an exit code.
// Not errors: --help (exit 0).
//
// A command file offers `void add_NAME(CLI::App& root, Context& context)`. Its callback does the
// work and sets context.exit_code, normally through on_run:
//
//   void add_status(CLI::App& root, Context& context) {
//     CLI::App* command = add_command(root, "status", "What is going on", {"pawl status --json"});
//     on_run(*command, context, [&context] { return show_status(context); });
//   }
//
//   int main(...) {                                  // and the tests, with streams of their own
//     CLI::App root{"..."};
//     add_common_options(root, context);
//     add_status(root, context);
//     return run_command(root, arguments, context);
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/daemon/data_folder.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "base/result.h"

namespace pawl {

inline constexpr int kExitGood = 0;     // done; proven good
inline constexpr int kExitBad = 1;      // failed; proven bad; a test case that does not hold
inline constexpr int kExitUnclear = 2;  // cannot decide; bad usage; not found

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool json = false;            // --json: one JSON value (or one a line) instead of text for people
  bool terminal = false;        // out is a terminal: progress and colour may be shown
  bool error_terminal = false;  // err is one
  bool in_terminal = false;     // in is one, which shows what is typed
};

struct Context {
  Files& files;
  Clock& clock;
  Random& random;
  Environment environment;
  Console io;
  std::string config_file{};  // --config; empty: ./pawl.yaml if it exists
  std::string data{};         // --data; empty: what the configuration says
  int exit_code = kExitGood;
};

// --config FILE, --data DIR, --json: accepted before and after the command's name.
void add_common_options(CLI::App& root, Context& context);

// Adds a subcommand whose --help ends with `examples`, each a whole command line; the tests run
// them. `parent` is the root, or the command of a group ("ledger").
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::vector<std::string>& examples);
// A group: `pawl ledger` alone is bad usage and lists its commands.
CLI::App* add_group(CLI::App& root, const std::string& name, const std::string& what,
                    const std::vector<std::string>& examples);

// `work` answers with the exit code. An exception that escapes a library is told as an error.
void on_run(CLI::App& command, Context& context, std::function<int()> work);

// Parses and runs. `arguments` without the program's name.
int run_command(CLI::App& root, std::vector<std::string> arguments, Context& context);

// Tells `error` on one line of stderr ({"error":{"code","message"}} with --json) and answers with
// `exit_code`, so that a command can end with: return report(context, error).
int report(Context& context, const Error& error, int exit_code = kExitUnclear);

// The configuration of --config, else of ./pawl.yaml, else the defaults; --data is laid over it.
Result<Config> configuration(const Context& context);
// The same for a command that only looks: it needs no secrets, so an unset variable is no error.
Result<Config> configuration_without_secrets(const Context& context);
// Only where and who: data, domain and node. A stop works while somebody edits the rest.
Result<Config> place(const Context& context);
// Whom the configuration asks to cosign; nullopt: nobody, or there is no configuration.
Result<std::optional<WitnessConfig>> witness_config(const Context& context);
// The configuration file; empty: there is none. Whoever names a data folder does not mean the
// service's.
std::string config_path(const Context& context);
// --data, else the place's; the folder itself is not looked at.
Result<DataFolder> data_folder(const Context& context);

}  // namespace pawl
