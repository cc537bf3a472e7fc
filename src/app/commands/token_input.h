// What the commands that read tokens do alike: `pawl token ...`, `pawl rules issue|attenuate|...`.
//
// Threading:  the main thread.
// Errors:     read_input: kTooLarge, kIo, kNotFound.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/commands/command.h"

namespace pawl {

// A file, or standard input as "-"; at most `most` bytes.
Result<std::string> read_input(Context& context, const std::string& path, std::size_t most);
// Tells why a token does not hold (exit 1), or why nobody can say (2): a key that is not known says
// nothing of the token.
int report_token(Context& context, const Error& error);

// A command on one file. `Asked` has a member `file`.
template <class Asked>
CLI::App* add_token_command(CLI::App& group, Context& context, const char* name, const char* what,
                            const std::vector<std::string>& examples,
                            const std::shared_ptr<Asked>& asked,
                            int (*run)(Context&, const Asked&)) {
  CLI::App* command = add_command(group, name, what, examples);
  command->add_option("file", asked->file, "The file, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  on_run(*command, context, [&context, asked, run] { return run(context, *asked); });
  return command;
}

}  // namespace pawl
