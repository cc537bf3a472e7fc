#include "app/commands/witnesses.h"

#include "foundation/ledger/cosignature.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

class VerifyWithPolicy : public CommandRig {
 protected:
  std::string keys_log_vkey() {
    return *ledger::vkey_of("example.org/pawl/gw1", keys().log_key().public_key());
  }
  std::string other_vkey() {
    return *ledger::vkey_of("example.org/pawl/gw1",
                            SigningKey::generate(KeyKind::kEd25519)->public_key());
  }
};

// A witness of a test, its line in a policy, and its cosignature of a checkpoint.
class TestWitness {
 public:
  explicit TestWitness(const std::string& name)
      : name_(name),
        cosigner_(*ledger::Cosigner::make("witness.example/" + name,
                                          *SigningKey::generate(KeyKind::kEd25519))) {}
  std::string policy_line() const { return "witness " + name_ + " " + cosigner_.vkey() + "\n"; }
  std::string line(const std::string& checkpoint) const {
    return *cosigner_.cosign(ledger::parse_note(checkpoint)->text, 1'772'000'001);
  }

 private:
  std::string name_;
  ledger::Cosigner cosigner_;
};

std::string falsified(std::string line) {
  char& letter = line[line.size() - 20];
  letter = letter == 'A' ? 'B' : 'A';
  return line;
}

TEST_F(VerifyWithPolicy, AWitnessPolicyIsAskedOfFoldersBundlesAndReceipts) {
  append({call(0, "confirmed"), call(1, "confirmed")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "prove", "1", "-o", "one"}).exit, kExitGood);
  const TestWitness a("a"), b("b"), c("c"), d("d");
  const std::string witnesses = a.policy_line() + b.policy_line() + c.policy_line();
  write("two", witnesses + "group g 2 a b c\nquorum g\n");
  write("two.of.it", "log " + keys_log_vkey() + "\n" + read("two"));
  write("one", witnesses + "quorum a\n");
  write("none", witnesses + "quorum none\n");
  write("other.log", "log " + other_vkey() + "\n" + read("two"));
  write("broken", witnesses + "group g 4 a b c\nquorum g\n");
  const std::string bundle = read("bundle/checkpoint");
  struct Case {
    const char* name;
    std::string lines, policy;
    int exit;
    std::string says;  // in what people read
  };
  const Case cases[] = {
      {"two of three", a.line(bundle) + c.line(bundle), "two", kExitGood, "none by b"},
      {"two of three, and the log", a.line(bundle) + c.line(bundle), "two.of.it", kExitGood,
       "a, c"},
      {"one of three", b.line(bundle), "two", kExitUnclear, "no cosignature by a, c"},
      {"nobody", "", "two", kExitUnclear, "no cosignature by a, b, c"},
      {"somebody else", d.line(bundle), "one", kExitUnclear, "no cosignature by a"},
      {"nobody is asked", "", "none", kExitGood, "0 cosignatures"},
      {"a false line beside enough true ones",
       a.line(bundle) + falsified(b.line(bundle)) + c.line(bundle), "two", kExitBad,
       "witness.example/b does not verify"},
      {"a false line of nobody who is asked", falsified(b.line(bundle)), "none", kExitBad,
       "witness.example/b does not verify"},
      {"a false line of somebody else", a.line(bundle) + falsified(d.line(bundle)), "one",
       kExitGood, "1 cosignature "},
      {"a policy for another log", a.line(bundle) + c.line(bundle), "other.log", kExitUnclear,
       "does not list the log example.org/pawl/gw1"},
      {"a policy that is none", a.line(bundle) + c.line(bundle), "broken", kExitUnclear, "line 4:"},
      {"no such file", a.line(bundle) + c.line(bundle), "nothing", kExitUnclear, "nothing"},
  };
  const std::string proof = read("one.tlog-proof");
  const std::string proof_note = proof.substr(proof.find("\n\n") + 2);
  ASSERT_EQ(ledger::parse_note(proof_note)->text, ledger::parse_note(bundle)->text);
  for (const Case& each : cases) {
    write("pawl-data/ledger/checkpoint", bundle + each.lines);
    write("bundle/checkpoint", bundle + each.lines);
    write("one.tlog-proof", proof + each.lines);
    for (std::vector<std::string> what : {std::vector<std::string>{"pawl-data"},
                                          {"bundle"},
                                          {"one.token", "--proof", "one.tlog-proof"}}) {
      std::vector<std::string> arguments{"verify"};
      arguments.insert(arguments.end(), what.begin(), what.end());
      arguments.insert(arguments.end(), {"--trust", "log.trust", "--policy", each.policy});
      const Ran ran = run(arguments);
      EXPECT_EQ(ran.exit, each.exit) << each.name << ", " << what[0] << ": " << ran.out << ran.err;
      EXPECT_NE(ran.out.find(each.says), std::string::npos)
          << each.name << ", " << what[0] << ": " << ran.out;
    }
  }
}

TEST_F(VerifyWithPolicy, WhatWitnessesSaidIsForProgramsToo) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  const TestWitness a("a"), b("b");
  const std::string bundle = read("bundle/checkpoint");
  write("bundle/checkpoint", bundle + b.line(bundle));
  write("policy", a.policy_line() + b.policy_line() + "group g all a b\nquorum g\n");
  const auto found = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"verify", "bundle", "--trust", "log.trust", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(run(arguments).out)->value;
  };
  const json::Value with = found({"--policy", "policy"});
  EXPECT_EQ(json::find_string(with, {"verdict"}), "undecided");
  EXPECT_EQ(json::print(*json::find(with, {"witnesses", "cosigned"})),
            R"([{"name":"b","time":1772000001}])");
  EXPECT_EQ(json::print(*json::find(with, {"witnesses", "missing"})), R"(["a"])");
  EXPECT_EQ(json::print(*json::find(with, {"witnesses", "met"})), "false");
  EXPECT_EQ(json::print(*json::find(with, {"witnesses", "size"})), "1");
  const json::Value without = found({});
  EXPECT_EQ(json::find_string(without, {"verdict"}), "good");
  EXPECT_TRUE(json::find(without, {"witnesses"})->is_null());
}

TEST_F(VerifyWithPolicy, EntriesThatNoWitnessSawAreNotDecided) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  append({call(1, "confirmed")});
  const TestWitness a("a");
  const std::string older = read("bundle/checkpoint");
  write("policy", a.policy_line() + "quorum a\n");
  const std::vector<std::string> ask{"verify",    "pawl-data", "--trust",
                                     "log.trust", "--policy",  "policy"};
  write("pawl-data/ledger/checkpoint", older + a.line(older));
  const Ran behind = run(ask);
  EXPECT_EQ(behind.exit, kExitUnclear) << behind.out;
  EXPECT_NE(behind.out.find("up to size 1"), std::string::npos) << behind.out;
  std::filesystem::remove(folder_ + "/pawl-data/ledger/checkpoint");
  const Ran none = run(ask);
  EXPECT_EQ(none.exit, kExitUnclear) << none.out;
  EXPECT_NE(none.out.find("no checkpoint is published"), std::string::npos) << none.out;
}

}  // namespace
}  // namespace pawl
