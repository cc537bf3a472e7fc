#include "app/commands/command.h"

#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

class Command : public CommandRig {};

// `pawl token verify --nonce "$UNSET"` was good without the key binding that it meant to ask for.
TEST_F(Command, AnOptionThatIsGivenButEmptyIsRefused) {
  struct Case {
    std::vector<std::string> arguments;
    const char* option;
  };
  const std::vector<std::string> token = {"token", "verify", "t", "--keys", "k"};
  const std::vector<std::string> rules = {"rules", "verify", "t", "--issuer", "a=k"};
  const auto with = [](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const Case cases[] = {
      {with(token, {"--audience", "v", "--nonce", ""}), "--nonce"},
      {with(token, {"--audience", "v", "--nonce="}), nullptr},
      {with(token, {"--audience", "", "--nonce", "n"}), "--audience"},
      {with(token, {"--type", ""}), "--type"},
      {{"token", "issue", "c", "--key-file", "k", "--holder", ""}, "--holder"},
      {{"token", "present", "t", "--all", "--disclose", ""}, nullptr},
      {{"token", "present", "t", "--disclose", "/a", "--disclose", ""}, "--disclose"},
      {{"ledger", "present", "0", "--audience", ""}, "--audience"},
      {{"ledger", "present", "0", "--audience", "a", "--audience", ""}, "--audience"},
      {{"ledger", "present", "0", "--holder", ""}, "--holder"},
      {{"ledger", "query", "--agent", ""}, "--agent"},
      {{"verify", "x", "--trust", ""}, "--trust"},
      {{"verify", "x", "--policy", ""}, "--policy"},
      {{"verify", "x", "--proof", ""}, "--proof"},
      {{"verify", "x", "--issuer-keys", ""}, "--issuer-keys"},
      {with(rules, {"--audience", ""}), "--audience"},
      {with(rules, {"--audience", "a", "--holder", ""}), "--holder"},
      {{"trust", "pin", "--expect", ""}, "--expect"},
      {{"verify", "x", "--data", ""}, "--data"},
      {{"--config", "", "verify", "x"}, "--config"},
  };
  for (const Case& c : cases) {
    const Ran ran = run(c.arguments);
    EXPECT_EQ(ran.exit, kExitUnclear);
    EXPECT_TRUE(is_one_line(ran.err)) << ran.err;
    EXPECT_EQ(ran.out, "");
    if (c.option != nullptr) {
      EXPECT_NE(ran.err.find(std::string(c.option) + " is empty"), std::string::npos) << ran.err;
    }
  }
}

TEST_F(Command, WordsForPeopleMayBeEmptyAndAStopWaitsForNoBetterCommandLine) {
  struct Case {
    std::vector<std::string> words;
    bool runs;
  };
  const Case cases[] = {{{"stop", "--reason", ""}, true},
                        {{"stop", "--key-file", ""}, true},
                        {{"revoke", "--reason", ""}, true},
                        {{"revoke", "--key-file", ""}, false},
                        {{"revoke", "--key-file", "k"}, true}};
  for (const Case& c : cases) {
    std::istringstream in;
    std::ostringstream out, err;
    Context context{system_files(), clock_, system_random(),
                    [](const std::string&) { return std::nullopt; }, Console{in, out, err}};
    CLI::App root{"pawl", "pawl"};
    add_common_options(root, context);
    std::string reason, key_file;
    bool ran = false;
    for (const char* name : {"stop", "revoke"}) {
      CLI::App* command = add_command(root, name, "", {});
      command->add_option("--reason", reason, "");
      command->add_option("--key-file", key_file, "");
      on_run(*command, context, [&ran] {
        ran = true;
        return kExitGood;
      });
    }
    EXPECT_EQ(run_command(root, c.words, context), c.runs ? kExitGood : kExitUnclear);
    EXPECT_EQ(ran, c.runs) << c.words[0] << " " << c.words[1];
  }
}

}  // namespace
}  // namespace pawl
