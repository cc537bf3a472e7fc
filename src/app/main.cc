// pawl: the small part that lets a wheel turn the allowed way. See docs/architecture.md.

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "app/commands/all_commands.h"

int main(int argc, char** argv) {
  pawl::Context context{pawl::system_files(),
                        pawl::system_clock(),
                        pawl::system_random(),
                        [](const std::string& name) -> std::optional<std::string> {
                          const char* value = std::getenv(name.c_str());
                          return value == nullptr ? std::nullopt
                                                  : std::optional<std::string>(value);
                        },
                        {std::cin, std::cout, std::cerr, false, isatty(STDOUT_FILENO) == 1,
                         isatty(STDERR_FILENO) == 1, isatty(STDIN_FILENO) == 1}};
  CLI::App root{
      "Pawl: every action of an agent is authorized before it happens, stoppable while "
      "it happens and provable after it happened.",
      "pawl"};
  pawl::add_all_commands(root, context);
  return pawl::run_command(root, std::vector<std::string>(argv + 1, argv + argc), context);
}
