#include "app/commands/why_command.h"

#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

class WhyCommand : public CommandRig {};

TEST_F(WhyCommand, TellsARefusalFromItsRecord) {
  json::Object body{{"agent", "triage"},
                    {"server", "files"},
                    {"tool", "write"},
                    {"verb", "tool.call"},
                    {"outcome", "denied"},
                    {"control", "rules"},
                    {"reason", "tickets are read-only"},
                    {"nearest",
                     "may-read (rules.yaml:3) would have allowed it if tool were \"read\""
                     " (found \"write\")"}};
  body["why"] = json::Array{"stops: pass", "rules: deny no-writes (rules.yaml:9)"};
  body["basis"] = json::Array{"declared"};
  json::Array pred{json::Value(record_id(0).text())};
  append({call(0, "confirmed"),
          token(1, "task.denied", body, {{"pol", "no-writes"}, {"pol_decision", "rejected"}},
                std::move(pred))});
  const Ran people = run({"why", record_id(1).text()});
  ASSERT_EQ(people.exit, kExitGood) << people.err;
  for (const std::string& told :
       {std::string("triage -> files/write (tool.call"), std::string("refused"),
        std::string("no-writes at rules.yaml:9"), std::string("tickets are read-only"),
        std::string("1. stops: pass"), std::string("2. rules: deny no-writes"),
        std::string("may-read (rules.yaml:3) would have allowed it"),
        std::string("denied: nothing was forwarded"), record_id(0).text() + " (declared)",
        "pawl ledger prove " + record_id(1).text()}) {
    EXPECT_NE(people.out.find(told), std::string::npos) << told << "\n" << people.out;
  }
  const Ran machine = run({"why", "1", "--json"});
  const auto parsed = json::parse(machine.out);
  ASSERT_TRUE(parsed.has_value()) << machine.out;
  EXPECT_EQ(json::find_string(parsed->value, {"rule"}), "no-writes");
  EXPECT_EQ(json::find_string(parsed->value, {"where"}), "rules.yaml:9");
  EXPECT_EQ(json::find(parsed->value, {"controls"})->as_array().size(), 2u);
}

TEST_F(WhyCommand, TellsEveryOutcome) {
  const std::pair<const char*, const char*> cases[] = {
      {"confirmed", "answered with a result"},
      {"failed", "answered with an error"},
      {"unknown", "no answer tells what happened"},
      {"error", "failed before anything was forwarded"},
      {"from-a-later-version", "no answer tells what happened"},
  };
  std::vector<std::string> tokens;
  for (const auto& [outcome, told] : cases) {
    tokens.push_back(call(tokens.size(), outcome));
  }
  tokens.push_back(token(tokens.size(), "node.started", {{"node", "gw1"}}));
  append(tokens);
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    const Ran ran = run({"why", std::to_string(i)});
    EXPECT_NE(ran.out.find(cases[i].second), std::string::npos) << cases[i].first << ran.out;
  }
  EXPECT_NE(run({"why", "5"}).out.find("own state"), std::string::npos);
}

TEST_F(WhyCommand, AnUnknownIdExitsTwo) {
  append({call(0, "confirmed")});
  for (const std::string& name : {record_id(5).text(), std::string("5"), std::string("x")}) {
    const Ran ran = run({"why", name});
    EXPECT_EQ(ran.exit, kExitUnclear) << name;
    EXPECT_TRUE(is_one_line(ran.err)) << name << ran.err;
  }
}

}  // namespace
}  // namespace pawl
