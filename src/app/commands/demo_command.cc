#include "app/commands/demo_command.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace pawl {
namespace {

// The demo's scripts stand beside the program: in the repository, or where a package put them.
std::vector<std::string> places(const std::string& program) {
  std::vector<std::string> out;
  if (const char* given = std::getenv("PAWL_DEMO_DIR")) {
    out.emplace_back(given);
  }
  const std::string folder = directory_of(program);
  out.push_back(folder + "/../tests/e2e");
  out.push_back(folder + "/../share/pawl/demo");
  return out;
}

int demo(Context& context, const std::vector<std::string>& arguments) {
  char self[PATH_MAX] = {};
  if (readlink("/proc/self/exe", self, sizeof self - 1) <= 0) {
    return report(context, {Code::kIo, "cannot tell where this program stands"}, kExitBad);
  }
  for (const std::string& place : places(self)) {
    const std::string node = place + "/node22";
    const std::string story = place + "/demo/story.mjs";
    if (!context.files.exists(node) || !context.files.exists(story)) {
      continue;
    }
    setenv("PAWL_BIN", self, 1);
    std::vector<char*> words = {const_cast<char*>(node.c_str()), const_cast<char*>(story.c_str())};
    for (const std::string& argument : arguments) {
      words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    execv(words[0], words.data());
    return report(context, {Code::kIo, node + ": " + std::strerror(errno)}, kExitBad);
  }
  return report(context, {Code::kNotFound,
                          "the demo's scripts are not beside this program; run ./run in the "
                          "repository, or set PAWL_DEMO_DIR"});
}

}  // namespace

void add_demo(CLI::App& root, Context& context) {
  CLI::App* command = add_command(root, "demo", "See it work: real servers, clients and files",
                                  {"pawl demo", "pawl demo --headless --folder /tmp/pawl-demo"});
  struct Flags {
    std::string folder;
    bool headless = false;
  };
  auto flags = std::make_shared<Flags>();
  command->add_option("--folder", flags->folder, "New or empty, for its files (default: temporary)")
      ->type_name("DIR");
  command->add_flag("--headless", flags->headless,
                    "Approve the held call by command; ask nobody at the terminal");
  on_run(*command, context, [&context, flags] {
    std::vector<std::string> arguments;
    if (!flags->folder.empty()) {
      arguments = {"--folder", flags->folder};
    }
    if (flags->headless) {
      arguments.emplace_back("--headless");
    }
    return demo(context, arguments);
  });
}

}  // namespace pawl
