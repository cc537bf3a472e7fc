#include "app/commands/why_command.h"

#include "foundation/ledger/renewal.h"
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

TEST_F(WhyCommand, TellsOfAnAnswerThatWasHeldBack) {
  append({token(0, "tool.call",
                {{"agent", "triage"},
                 {"server", "files"},
                 {"tool", "write"},
                 {"outcome", "confirmed"},
                 {"withheld", "stops"}})});
  EXPECT_NE(run({"why", "0"}).out.find("withheld       by stops: it took force before the answer"),
            std::string::npos)
      << run({"why", "0"}).out;
  const auto parsed = json::parse(run({"why", "0", "--json"}).out);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(json::find_string(parsed->value, {"withheld"}), "stops");
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

TEST_F(WhyCommand, AFrozenRecordHasItsResolutionAndItsLog) {
  json::Array pred{json::Value(record_id(0).text())};
  append({call(0, "unknown"),
          token(1, "unknown.resolved",
                {{"found", "happened"}, {"reason", "ticket there"}, {"operator", "alice"}}, {},
                std::move(pred))});
  const ledger::Opened opened{
      2, "example.org/pawl/gw1", 2, 2, read("pawl-data/ledger/checkpoint"), "{}", {}};
  ASSERT_TRUE(ledger::prepare_renewal(system_files(), "pawl-data", opened));
  ASSERT_TRUE(ledger::switch_logs(system_files(), "pawl-data", 1));
  append({call(2, "confirmed")});
  const Ran ran = run({"why", record_id(0).text()});
  ASSERT_EQ(ran.exit, kExitGood) << ran.err;
  EXPECT_NE(ran.out.find("ticket there"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("entry 0 of log 1, which is frozen"), std::string::npos) << ran.out;
  EXPECT_NE(run({"why", record_id(2).text()}).out.find("entry 0 of the ledger"), std::string::npos);
}

TEST_F(WhyCommand, AnUnknownIdExitsTwo) {
  append({call(0, "confirmed")});
  for (const std::string& name : {record_id(5).text(), std::string("5"), std::string("x")}) {
    const Ran ran = run({"why", name});
    EXPECT_EQ(ran.exit, kExitUnclear) << name;
    EXPECT_TRUE(is_one_line(ran.err)) << name << ran.err;
  }
}

// A refusal by a stop told neither who had stopped nor whether somebody had let it go on.
class WhyAStop : public CommandRig {
 protected:
  static std::string stop_id() { return record_id(900).text(); }
  std::string stopped(std::uint64_t number, const std::string& by, bool is_signed) {
    json::Object body{{"level", "mandatory"}, {"result", "APPLIED"}, {"journaled", true}};
    body["stop"] = json::Object{{"id", stop_id()},
                                {"scope", "agent:triage"},
                                {"reason", "wrong folder"},
                                {"by", by},
                                {"at", 1'772'000'000'000'000}};
    if (is_signed) {
      body["statement"] = "a.b.c";
    }
    return token(number, "override.applied", std::move(body));
  }
  std::string resumed(std::uint64_t number) {
    override_::Statement statement;
    statement.verb = override_::Verb::kResume;
    statement.scope = *override_::parse_scope("agent:triage");
    statement.stops = {*Uuid::parse(stop_id())};
    statement.reason = "folder corrected";
    statement.audience = "spiffe://example.org/pawl/gw1";
    statement.id = record_id(901);
    statement.iat = 1'772'000'000;
    statement.exp = statement.iat + 120;
    json::Object body{{"scope", "agent:triage"},
                      {"operator", "alice"},
                      {"kid", operator_key().public_key().thumbprint()},
                      {"statement", *override_::sign_statement(statement, operator_key())}};
    body["stops"] = json::Array{json::Value(stop_id())};
    return token(number, "override.lifted", std::move(body));
  }
  std::string refused(std::uint64_t number) {
    return token(number, "task.denied",
                 {{"agent", "triage"},
                  {"server", "files"},
                  {"verb", "tool.call"},
                  {"outcome", "denied"},
                  {"reason", "agent:triage is stopped: wrong folder"}},
                 {{"pol", "stop:" + stop_id()}, {"pol_decision", "rejected"}});
  }
};

TEST_F(WhyAStop, SaysWhoStoppedAndWhoLetItGoOn) {
  append({call(0, "confirmed"), stopped(1, "local token", false), refused(2)});
  const Ran before = run({"why", "2"});
  EXPECT_NE(before.out.find("agent:triage stopped by local token: wrong folder (2026-02-25T"),
            std::string::npos)
      << before.out;
  EXPECT_NE(before.out.find("record " + record_id(1).text()), std::string::npos) << before.out;
  EXPECT_NE(before.out.find("pawl resume agent:triage"), std::string::npos) << before.out;
  append({resumed(3)});
  const std::string lifted = "agent:triage resumed by alice, signed with key " +
                             operator_key().public_key().thumbprint() +
                             " (1 stop lifted): folder corrected";
  // The refusal, the record of the stop, and the id that `pawl stop` printed lead to the same.
  for (const std::string& name :
       {std::string("2"), std::string("1"), stop_id(), stop_id().substr(28)}) {
    const Ran after = run({"why", name});
    EXPECT_EQ(after.exit, kExitGood) << after.err;
    EXPECT_NE(after.out.find("stopped by local token: wrong folder"), std::string::npos) << name;
    EXPECT_NE(after.out.find(lifted), std::string::npos) << name << after.out;
    EXPECT_EQ(after.out.find("pawl resume"), std::string::npos) << name;
  }
  const auto machine = json::parse(run({"why", "2", "--json"}).out);
  ASSERT_TRUE(machine.has_value());
  EXPECT_EQ(json::find_string(machine->value, {"stop", "applied", "stop", "by"}), "local token");
  EXPECT_EQ(json::find_string(machine->value, {"stop", "lifted", "lift", "operator"}), "alice");
}

TEST_F(WhyAStop, OfWhichTheLedgerKnowsNothing) {
  append({refused(0)});
  const Ran ran = run({"why", "0"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.err;
  EXPECT_NE(ran.out.find("it stands in the override journal"), std::string::npos) << ran.out;
}

TEST_F(WhyAStop, TailShowAndQuerySayItInWords) {
  append({stopped(0, "alice", true), resumed(1),
          token(2, "policy.activated", {{"digest", "d"}, {"rules", 1}}),
          token(3, "node.started", {{"recovered_intents", 2}, {"recovered_notes", 0}})});
  const std::string stop = "agent:triage stopped by alice (signed): wrong folder";
  for (const auto& arguments : {std::vector<std::string>{"ledger", "tail"},
                                {"ledger", "show", "0"},
                                {"ledger", "query", "--kind", "override.applied"}}) {
    const Ran ran = run(arguments);
    EXPECT_NE(ran.out.find(stop), std::string::npos) << ran.out << ran.err;
  }
  const Ran tail = run({"ledger", "tail"});
  for (const char* told : {"(1 stop lifted): folder corrected", "1 rule in force",
                           "started; the last run left 2 calls open"}) {
    EXPECT_NE(tail.out.find(told), std::string::npos) << tail.out;
  }
  const Ran machine = run({"ledger", "query", "--kind", "override.lifted", "--json"});
  const auto parsed = json::parse(machine.out);
  ASSERT_TRUE(parsed.has_value()) << machine.out;
  EXPECT_EQ(json::find_string(parsed->value, {"lift", "reason"}), "folder corrected");
}

// Of a revocation, of its end and of a change of keys the rows said nothing but the kind.
TEST_F(WhyAStop, RevocationsAndKeysAreToldInWords) {
  json::Object compromised{{"kid", "k1"},       {"since", 1'772'000'000}, {"next", "k2"},
                           {"operator", "bob"}, {"operator_kid", "o1"},   {"reason", "copied"}};
  append({token(0, "identity.revoked",
                {{"kid", "o1"},
                 {"revocation", json::Object{{"target", "key:i1"},
                                             {"by", "alice"},
                                             {"since", 1'772'000'000},
                                             {"reason", "found in a log"}}}}),
          token(1, "identity.restored",
                {{"target", "agent:a"},
                 {"operator", "alice"},
                 {"kid", "o1"},
                 {"revocations", json::Array{json::Value(stop_id())}}}),
          token(2, "key.activated", {{"kid", "k2"}}), token(3, "key.retired", {{"kid", "k1"}}),
          token(4, "key.compromised", std::move(compromised))});
  const std::pair<const char*, const char*> told[] = {
      {"identity.revoked",
       "key:i1 revoked by alice, signed with key o1, in doubt since 2026-02-25T06:13:20Z: found "
       "in a log"},
      {"identity.restored",
       "agent:a no longer revoked, by alice, signed with key o1 (1 revocation lifted)"},
      {"key.activated", "key k2 signs from now on"},
      {"key.retired", "key k1 retired"},
      {"key.compromised",
       "key k1 reported as compromised by bob, suspect since 2026-02-25T06:13:20Z, next key k2: "
       "copied"}};
  const Ran tail = run({"ledger", "tail"});
  std::size_t index = 0;
  for (const auto& [kind, words] : told) {
    const Ran query = run({"ledger", "query", "--kind", kind});
    EXPECT_NE(query.out.find(words), std::string::npos) << query.out << query.err;
    EXPECT_NE(tail.out.find(words), std::string::npos) << tail.out;
    const Ran why = run({"why", std::to_string(index++)});
    EXPECT_NE(why.out.find(words), std::string::npos) << why.out << why.err;
  }
}

TEST_F(WhyAStop, OfAServerThatWasNotReachedSaysWhatWasWrong) {
  append({token(0, "task.error",
                {{"agent", "triage"},
                 {"server", "files"},
                 {"verb", "tool.call"},
                 {"outcome", "error"},
                 {"status", "not_sent"},
                 {"detail", "server files: connect 127.0.0.1:9: Connection refused"}})});
  const Ran ran = run({"why", "0"});
  EXPECT_NE(ran.out.find("because        server files: connect 127.0.0.1:9: Connection refused"),
            std::string::npos)
      << ran.out;
  const auto machine = json::parse(run({"why", "0", "--json"}).out);
  ASSERT_TRUE(machine.has_value());
  EXPECT_EQ(json::find_string(machine->value, {"status"}), "not_sent");
  EXPECT_NE(json::find_string(machine->value, {"detail"})->find("refused"), std::string::npos);
}

}  // namespace
}  // namespace pawl
