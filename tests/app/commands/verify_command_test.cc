#include "app/commands/verify_command.h"

#include <sys/stat.h>

#include "foundation/ledger/verify.h"
#include "operators/override/resolution_wire.h"
#include "operators/override/revocation_wire.h"
#include "tests/app/commands/verify_rig.h"

namespace pawl {
namespace {

TEST_F(VerifyCommand, ALogCannotVouchForItself) {
  append({call(0, "confirmed"), call(1, "unknown")});
  const Ran before = run({"verify", "pawl-data"});
  EXPECT_EQ(before.exit, kExitUnclear);
  EXPECT_NE(before.out.find("pawl trust pin"), std::string::npos) << before.out;

  ASSERT_EQ(run({"trust", "pin", "pawl-data"}).exit, kExitGood);
  const Ran pinned = run({"verify", "pawl-data"});
  EXPECT_EQ(pinned.exit, kExitGood) << pinned.out;
  EXPECT_NE(pinned.out.find("PROVEN GOOD"), std::string::npos);
  EXPECT_NE(pinned.out.find("1 unknown"), std::string::npos) << pinned.out;
  EXPECT_NE(pinned.out.find("example.org%2fpawl%2fgw1.trust"), std::string::npos) << pinned.out;

  const Ran machine = run({"verify", "pawl-data", "--json"});
  const auto parsed = json::parse(machine.out);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(json::find_string(parsed->value, {"verdict"}), "good");
}

TEST_F(VerifyCommand, AnAlteredLogIsBad) {
  append({call(0, "confirmed"), call(1, "confirmed"), call(2, "confirmed")});
  ASSERT_EQ(run({"trust", "pin"}).exit, kExitGood);
  alter_segment();
  const Ran ran = run({"verify", "pawl-data"});
  EXPECT_EQ(ran.exit, kExitBad) << ran.out;
  EXPECT_NE(ran.out.find("PROVEN BAD"), std::string::npos);
}

TEST_F(VerifyCommand, BundlesAndReceipts) {
  append({call(0, "confirmed"), call(1, "confirmed"), call(2, "denied")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "prove", "1", "-o", "one"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "prove", "2", "-o", "two"}).exit, kExitGood);
  write("one.line", read("one.token") + "\n");
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    std::string input;
    int exit;
  };
  const Case cases[] = {
      {"bundle", {"bundle", "--trust", "log.trust"}, "", kExitGood},
      {"bundle alone", {"bundle"}, "", kExitUnclear},
      {"receipt",
       {"one.token", "--proof", "one.tlog-proof", "--trust", "log.trust"},
       "",
       kExitGood},
      {"a token that gained a line end",
       {"one.line", "--proof", "one.tlog-proof", "--trust", "log.trust"},
       "",
       kExitGood},
      {"receipt without trust", {"one.token", "--proof", "one.tlog-proof"}, "", kExitUnclear},
      {"token from standard input",
       {"-", "--proof", "one.tlog-proof", "--trust", "log.trust"},
       read("one.token"),
       kExitGood},
      {"nothing on standard input",
       {"-", "--proof", "one.tlog-proof", "--trust", "log.trust"},
       "",
       kExitBad},
      {"the proof of another",
       {"one.token", "--proof", "two.tlog-proof", "--trust", "log.trust"},
       "",
       kExitBad},
      {"no proof", {"one.token", "--trust", "log.trust"}, "", kExitUnclear},
      {"a proof that is none",
       {"one.token", "--proof", "one.token", "--trust", "log.trust"},
       "",
       kExitBad},
      {"a missing proof", {"one.token", "--proof", "no", "--trust", "log.trust"}, "", kExitUnclear},
      {"a missing file", {"no.token", "--proof", "one.tlog-proof"}, "", kExitUnclear},
      {"a missing trust file", {"bundle", "--trust", "no.trust"}, "", kExitUnclear},
      {"a trust file that is none", {"bundle", "--trust", "one.token"}, "", kExitUnclear},
      {"a proof for a folder", {"bundle", "--proof", "one.tlog-proof"}, "", kExitUnclear},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.begin(), "verify");
    const Ran ran = run(arguments, c.input);
    EXPECT_EQ(ran.exit, c.exit) << c.name << ": " << ran.out << ran.err;
  }
  // Trusting what the bundle says about itself is a choice that somebody makes.
  ASSERT_EQ(run({"trust", "pin", "bundle"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", "bundle"}).exit, kExitGood);
}

TEST_F(VerifyCommand, AFileThatIsNothingOfOursIsNamedAsThat) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"ledger", "prove", "0", "-o", "one"}).exit, kExitGood);
  for (const std::string& text :
       {std::string("some words\n"), std::string(), std::string(100, '\0')}) {
    const Ran ran = run({"verify", "-"}, text);
    EXPECT_EQ(ran.exit, kExitUnclear);
    EXPECT_NE(ran.out.find("standard input is neither a token, an evidence file nor a log folder"),
              std::string::npos)
        << ran.out;
  }
  const Ran token = run({"verify", "one.token"});
  EXPECT_EQ(token.exit, kExitUnclear);
  EXPECT_NE(token.out.find("give --proof FILE"), std::string::npos) << token.out;
}

TEST_F(VerifyCommand, ALiftNeedsTheOperatorsSignature) {
  enrol_operator();
  override_::Statement other_stop = resume();
  other_stop.stops = {record_id(6)};
  override_::Statement other_instance = resume();
  other_instance.audience = "spiffe://example.org/pawl/gw2";
  override_::Statement other_verb = resume();
  other_verb.verb = override_::Verb::kStop;
  override_::Statement other_scope = resume();
  other_scope.scope = *override_::parse_scope("all");
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  std::string forged = *override_::sign_statement(resume(), operator_key());
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  override_::Statement long_life = resume();
  long_life.exp = long_life.iat + 301;
  override_::Statement later = resume();
  later.iat += 4'000'000'000;
  later.exp += 4'000'000'000;
  struct Case {
    const char* name;
    std::string statement;
    int exit;
    std::string kid{};  // that the record names
  };
  const Case cases[] = {
      {"another operator than the record says",
       *override_::sign_statement(resume(), operator_key()), kExitBad, "somebody"},
      {"lives too long", *override_::sign_statement(long_life, operator_key()), kExitBad},
      {"signed after it was recorded", *override_::sign_statement(later, operator_key()), kExitBad},
      {"signed", *override_::sign_statement(resume(), operator_key()), kExitGood},
      {"no statement", "", kExitBad},
      {"not a token", "yes, I did", kExitBad},
      {"altered signature", forged, kExitBad},
      {"another stop", *override_::sign_statement(other_stop, operator_key()), kExitBad},
      {"another instance", *override_::sign_statement(other_instance, operator_key()), kExitBad},
      {"another verb", *override_::sign_statement(other_verb, operator_key()), kExitBad},
      {"another scope", *override_::sign_statement(other_scope, operator_key()), kExitBad},
      {"a key not pinned", *override_::sign_statement(resume(), stranger), kExitUnclear},
  };
  for (const Case& c : cases) {
    std::filesystem::remove_all(folder_ + "/pawl-data/ledger");
    append({call(0, "confirmed"), lift(1, c.statement, c.kid)});
    ASSERT_EQ(run({"trust", "pin", "-o", "log.trust", "--replace"}).exit, kExitGood) << c.name;
    const Ran folder = run({"verify", "pawl-data", "--trust", "log.trust"});
    EXPECT_EQ(folder.exit, c.exit) << c.name << ": " << folder.out;
    if (c.exit != kExitGood) {
      EXPECT_NE(folder.out.find("entry 1"), std::string::npos) << c.name << ": " << folder.out;
    }
    ASSERT_EQ(run({"ledger", "prove", "1", "-o", "lift", "--force"}).exit, kExitGood);
    EXPECT_EQ(
        run({"verify", "lift.token", "--proof", "lift.tlog-proof", "--trust", "log.trust"}).exit,
        c.exit)
        << c.name;
  }
}

TEST_F(VerifyCommand, AResolutionNeedsTheOperatorsSignature) {
  enrol_operator();
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  const auto changed = [&](void (*change)(override_::Resolution&)) {
    override_::Resolution said = resolution();
    change(said);
    return *override_::sign_resolution(said, operator_key());
  };
  std::string forged = changed([](override_::Resolution&) {});
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  struct Case {
    const char* name;
    std::string statement;
    int exit;
  };
  const Case cases[] = {
      {"signed", changed([](override_::Resolution&) {}), kExitGood},
      {"no statement", "", kExitBad},
      {"a stop or a lift", *override_::sign_statement(resume(), operator_key()), kExitBad},
      {"altered signature", forged, kExitBad},
      {"another call", changed([](override_::Resolution& said) { said.record = record_id(5); }),
       kExitBad},
      {"another finding",
       changed([](override_::Resolution& said) { said.found = override_::Found::kDidNotHappen; }),
       kExitBad},
      {"another reason", changed([](override_::Resolution& said) { said.reason = "told"; }),
       kExitBad},
      {"another instance", changed([](override_::Resolution& said) {
         said.audience = "spiffe://example.org/pawl/gw2";
       }),
       kExitBad},
      {"lives too long", changed([](override_::Resolution& said) { ++said.exp; }), kExitBad},
      {"a key not pinned", *override_::sign_resolution(resolution(), stranger), kExitUnclear},
  };
  for (const Case& c : cases) {
    std::filesystem::remove_all(folder_ + "/pawl-data/ledger");
    append({call(0, "unknown"), resolved(1, c.statement)});
    ASSERT_EQ(run({"trust", "pin", "-o", "log.trust", "--replace"}).exit, kExitGood) << c.name;
    const Ran folder = run({"verify", "pawl-data", "--trust", "log.trust"});
    EXPECT_EQ(folder.exit, c.exit) << c.name << ": " << folder.out;
  }
}

override_::RevocationStatement revocation(const std::string& target, std::uint64_t number) {
  override_::RevocationStatement out;
  out.target = target;
  out.reason = "stolen";
  out.audience = "spiffe://example.org/pawl/gw1";
  out.id = record_id(number);
  out.iat = 1'772'000'000;
  out.exp = out.iat + 60;
  return out;
}

TEST_F(VerifyCommand, ARevocationIsWhatTheOperatorSignedAndIsListed) {
  enrol_operator();
  const std::string kid = operator_key().public_key().thumbprint();
  // A record of `made`, with the statement that `said` says; nullopt: without one.
  const auto revoked = [&](std::uint64_t number, const override_::RevocationStatement& made,
                           const std::optional<override_::RevocationStatement>& said) {
    json::Object body{{"journaled", true}};
    body["revocation"] = override_::print_revocation(
        {made.id, made.target, made.reason, "alice", WallTime{1}, made.since_s});
    if (said) {
      body["kid"] = kid;
      body["statement"] = *override_::sign_revocation(*said, operator_key());
    }
    return token(number, "identity.revoked", std::move(body));
  };
  const auto restored = [&](std::uint64_t number, const override_::RevocationStatement& made,
                            bool with_statement) {
    json::Object body{{"target", made.target}, {"operator", "alice"}, {"kid", kid}};
    body["revocations"] = json::Array{made.id.text()};
    if (with_statement) {
      override_::RevocationStatement said = made;
      said.lifts = {made.id};
      said.since_s.reset();
      body["statement"] = *override_::sign_revocation(said, operator_key());
    }
    return token(number, "identity.restored", std::move(body));
  };
  const override_::RevocationStatement agent = revocation("agent:triage", 60);
  override_::RevocationStatement doubted = agent;
  doubted.since_s = 1'771'000'000;
  override_::RevocationStatement other = revocation("agent:other", 60);
  const override_::RevocationStatement own = revocation("key:" + kid, 61);
  const struct {
    const char* name;
    std::vector<std::string> records;
    int exit;
    const char* shown;
  } cases[] = {
      {"signed", {revoked(1, agent, agent)}, kExitGood, "agent:triage, entry 1"},
      {"with a time", {revoked(1, doubted, doubted)}, kExitGood, "in doubt since 2026-02-13"},
      {"after a crash", {revoked(1, agent, std::nullopt)}, kExitGood, "agent:triage, entry 1"},
      {"another target", {revoked(1, agent, other)}, kExitBad, "entry 1"},
      {"another time", {revoked(1, agent, doubted)}, kExitBad, "entry 1"},
      {"lifted", {revoked(1, agent, agent), restored(2, agent, true)}, kExitGood, nullptr},
      {"lifted by nobody",
       {revoked(1, agent, agent), restored(2, agent, false)},
       kExitBad,
       "entry 2"},
      {"a word of a revoked operator",
       {revoked(1, own, own), revoked(2, agent, agent)},
       kExitBad,
       "entry 2"},
      {"its last word", {revoked(1, agent, agent), revoked(2, own, own)}, kExitGood, "entry 2"},
  };
  for (const auto& c : cases) {
    std::filesystem::remove_all(folder_ + "/pawl-data/ledger");
    std::vector<std::string> records{call(0, "confirmed")};
    records.insert(records.end(), c.records.begin(), c.records.end());
    append(records);
    ASSERT_EQ(run({"trust", "pin", "-o", "log.trust", "--replace"}).exit, kExitGood) << c.name;
    const Ran ran = run({"verify", "pawl-data", "--trust", "log.trust"});
    EXPECT_EQ(ran.exit, c.exit) << c.name << ": " << ran.out;
    EXPECT_NE(ran.out.find(c.shown != nullptr ? c.shown : ""), std::string::npos)
        << c.name << ": " << ran.out;
    if (c.shown == nullptr) {
      EXPECT_EQ(ran.out.find("agent:triage"), std::string::npos) << c.name << ": " << ran.out;
    }
  }
}

TEST_F(VerifyCommand, PinsAreNotReplacedSilently) {
  append({call(0, "confirmed"), call(1, "confirmed")});
  const Ran printed = run({"trust", "pin", "--print"});
  ASSERT_EQ(printed.exit, kExitGood);
  ASSERT_TRUE(ledger::parse_trust(printed.out).has_value());
  const Ran pinned = run({"trust", "pin", "--json"});
  ASSERT_EQ(pinned.exit, kExitGood) << pinned.err;
  const auto told = json::parse(pinned.out);
  const std::string fingerprint(*json::find_string(told->value, {"fingerprint"}));
  const std::string log(*json::find_string(told->value, {"log"}));
  EXPECT_EQ(fingerprint.find("SHA256:"), 0u);
  append({call(2, "confirmed")});  // a log that extends the pinned head

  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    int exit;
  };
  const Case cases[] = {
      {"again", {}, kExitGood},
      {"expected key", {"--expect", log}, kExitGood},
      {"expected fingerprint", {"--expect", fingerprint}, kExitGood},
      {"other key", {"--expect", "example.org/pawl/gw1+00000000+AA"}, kExitBad},
      {"nothing there", {"nowhere"}, kExitUnclear},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = {"trust", "pin"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit, c.exit) << c.name << ran.err;
    EXPECT_TRUE(ran.exit == kExitGood || is_one_line(ran.err)) << c.name;
  }
  // The same name with other keys: another instance, or an impostor.
  std::filesystem::remove_all(folder_ + "/pawl-data");
  keys_.reset();
  append({call(0, "confirmed")});
  EXPECT_EQ(run({"trust", "pin"}).exit, kExitBad);
  EXPECT_NE(run({"verify", "pawl-data"}).exit, kExitGood);
  EXPECT_EQ(run({"trust", "pin", "--replace"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", "pawl-data"}).exit, kExitGood);
}

TEST_F(VerifyCommand, ARestoredOlderLogDoesNotExtendThePin) {
  append({call(0, "confirmed")});
  std::filesystem::copy(folder_ + "/pawl-data", folder_ + "/backup",
                        std::filesystem::copy_options::recursive);
  append({call(1, "confirmed")});
  ASSERT_EQ(run({"trust", "pin"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", "backup"}).exit, kExitBad);
  EXPECT_EQ(run({"trust", "pin", "backup"}).exit, kExitBad);
}

TEST_F(VerifyCommand, APipeIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(mkfifo("pipe", 0600), 0);
  append({call(0, "confirmed")});
  for (const auto& arguments : {std::vector<std::string>{"verify", "pipe"},
                                {"verify", "pawl-data", "--trust", "pipe"},
                                {"verify", "-", "--proof", "pipe"}}) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit, kExitUnclear) << ran.err;
    EXPECT_NE((ran.out + ran.err).find("pipe: expected a regular file, found a pipe"),
              std::string::npos)
        << ran.out << ran.err;
  }
}

}  // namespace
}  // namespace pawl
