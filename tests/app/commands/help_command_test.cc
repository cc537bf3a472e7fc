#include "app/commands/help_command.h"

#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

class HelpCommand : public CommandRig {};

TEST_F(HelpCommand, SaysWhatDashDashHelpSays) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"ledger"}, {"ledger", "tail"}, {"why"}}) {
    std::vector<std::string> asked = {"help"};
    asked.insert(asked.end(), words.begin(), words.end());
    std::vector<std::string> option = words;
    option.emplace_back("--help");
    const Ran help = run(asked);
    EXPECT_EQ(help.exit, kExitGood) << help.err;
    EXPECT_EQ(help.out, run(option).out);
    EXPECT_NE(help.out.find("Usage"), std::string::npos) << help.out;
  }
  const Ran unknown = run({"help", "ledger", "tale"});
  EXPECT_EQ(unknown.exit, kExitUnclear);
  EXPECT_TRUE(is_one_line(unknown.err)) << unknown.err;
  EXPECT_EQ(run({"version"}).out, "pawl of a test\n");
}

TEST_F(HelpCommand, EveryGroupShowsAnExample) {
  for (const char* group : {"ledger", "rules", "trust", "config"}) {
    EXPECT_NE(run({"help", group}).out.find("Examples:\n  pawl " + std::string(group)),
              std::string::npos)
        << group;
  }
}

}  // namespace
}  // namespace pawl
