#include "app/commands/verify_command.h"

#include <sys/stat.h>

#include "foundation/ledger/note.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/verify.h"
#include "operators/override/resolution_wire.h"
#include "operators/override/revocation_wire.h"
#include "tests/app/commands/command_rig.h"
#include "tests/support/counted_verifications.h"

namespace pawl {
namespace {

class VerifyCommand : public CommandRig {
 protected:
  // `kid`: whom the record names; empty: who signed.
  std::string lift(std::uint64_t number, const std::string& statement, std::string kid = "") {
    json::Object body{{"scope", "agent:triage"}, {"operator", "alice"}};
    body["stops"] = json::Array{json::Value(record_id(7).text())};
    if (!statement.empty()) {
      body["statement"] = statement;
      const Result<jose::Jws> jws = jose::decode(statement, override_::kMaxStatementBytes);
      body["kid"] = kid.empty() && jws ? jws->kid : kid;
    }
    return token(number, "override.lifted", std::move(body));
  }
  override_::Statement resume() {
    override_::Statement statement;
    statement.scope = *override_::parse_scope("agent:triage");
    statement.stops = {record_id(7)};
    statement.reason = "fixed";
    statement.audience = "spiffe://example.org/pawl/gw1";
    statement.id = record_id(8);
    statement.iat = 1'772'000'000;
    statement.exp = 1'772'000'300;
    return statement;
  }
  override_::Resolution resolution() {
    return {record_id(0), override_::Found::kHappened,
            "seen",       "spiffe://example.org/pawl/gw1",
            record_id(8), 1'772'000'000,
            1'772'000'300};
  }
  // A record that says what resolution() says, whatever was signed.
  std::string resolved(std::uint64_t number, const std::string& statement) {
    json::Object body{{"found", "happened"}, {"reason", "seen"}, {"operator", "alice"}};
    if (!statement.empty()) {
      body["statement"] = statement;
      const Result<jose::Jws> jws = jose::decode(statement, override_::kMaxStatementBytes);
      body["kid"] = jws ? jws->kid : "";
    }
    json::Array pred{json::Value(record_id(0).text())};
    return token(number, "unknown.resolved", std::move(body), {}, std::move(pred));
  }
  void alter_segment(const std::string& log = "pawl-data/ledger") {
    const std::string path = folder_ + "/" + log + "/segments/000000000001.seg";
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = bytes.find("eyJ", bytes.find("eyJ") + 100);
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at + 10));
    file.put(bytes[at + 10] == 'A' ? 'B' : 'A');
  }
};

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

// What a renewal leaves at each step, of a log of two records that goes on as log 2.
class VerifyRenewal : public VerifyCommand {
 protected:
  static constexpr const char* kData = "pawl-data";
  void begin_next() {
    append({call(0, "confirmed"), call(1, "confirmed")});
    ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
    const ledger::Opened opened{
        2, "example.org/pawl/gw1", 2, 2, read("pawl-data/ledger/checkpoint"), "{}", {}};
    ASSERT_TRUE(ledger::prepare_renewal(system_files(), kData, opened));
    std::filesystem::rename("pawl-data/ledger", "pawl-data/ledgers/000001");
  }
  Ran verify() { return run({"verify", kData, "--trust", "log.trust"}); }
};

TEST_F(VerifyRenewal, NoStateOfASwitchIsBad) {
  begin_next();
  const Ran between = verify();
  EXPECT_EQ(between.exit, kExitGood) << between.out << between.err;
  EXPECT_NE(between.out.find("log 2 has no record yet"), std::string::npos) << between.out;
  const Ran query = run({"ledger", "tail"});
  EXPECT_EQ(query.exit, kExitUnclear);
  EXPECT_NE(query.err.find("a renewal is under way"), std::string::npos) << query.err;

  ASSERT_TRUE(ledger::settle_renewal(system_files(), kData));
  EXPECT_EQ(verify().exit, kExitGood) << "no segments yet";
  std::filesystem::create_directories("pawl-data/ledger/segments");
  EXPECT_EQ(verify().exit, kExitGood) << "no segment yet";
}

TEST_F(VerifyRenewal, WhatItGoesOnFromIsChecked) {
  begin_next();
  alter_segment("pawl-data/ledgers/000001");
  EXPECT_EQ(verify().exit, kExitBad);
  std::filesystem::remove_all("pawl-data/ledgers/000001/segments");
  const Ran missing = verify();
  EXPECT_EQ(missing.exit, kExitUnclear) << missing.out << missing.err;
}

// By the auditor's pin and by what the next log says of it, in one reading.
TEST_F(VerifyRenewal, EachTokenOfAFrozenLogIsVerifiedOnce) {
  begin_next();
  Verifications::counted().forget();
  const Ran verified = verify();
  EXPECT_EQ(verified.exit, kExitGood) << verified.out << verified.err;
  EXPECT_EQ(Verifications::counted().texts("ES256"), 2U);
  EXPECT_EQ(Verifications::counted().most_often("ES256"), 1U);
}

// An older copy of the folder has fewer logs than the pin knows of.
TEST_F(VerifyRenewal, AFolderWithoutThePinnedLogIsBad) {
  append({call(0, "confirmed"), call(1, "confirmed")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  ledger::Trust trust = *ledger::parse_trust(read("log.trust"));
  const Keystore keys = *Keystore::open(system_files(), "pawl-data/keys");
  trust.log_vkey = ledger::NoteSigner::make("example.org/pawl/gw1/2", keys.log_key())->vkey();
  write("log.trust", ledger::print_trust(trust));
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, kExitBad) << ran.out;
  EXPECT_NE(ran.out.find("a head of log 2 is pinned"), std::string::npos) << ran.out;
}

// A log of one record, which names the one before.
class VerifySecondLog : public VerifyRenewal {
 protected:
  void begin_second() {
    begin_next();
    const std::string note = read("pawl-data/ledgers/000001/checkpoint");
    ASSERT_TRUE(ledger::settle_renewal(system_files(), kData));
    json::Object after{{"origin", "example.org/pawl/gw1"}, {"size", 2}, {"kept", 2}};
    after["checkpoint"] = note;
    json::Object body{{"number", 2}};
    body["after"] = std::move(after);
    append({token(10, "ledger.opened", std::move(body))}, "example.org/pawl/gw1/2");
  }
  Ran verify_path(const std::string& path, const std::string& trust = "log.trust") {
    return run({"verify", path, "--trust", trust});
  }
};

TEST_F(VerifySecondLog, ABundleBringsTheLogBefore) {
  begin_second();
  ASSERT_EQ(run({"trust", "pin", "-o", "second.trust"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  for (const char* trust : {"log.trust", "second.trust"}) {
    for (const char* path : {"bundle", "bundle/", "pawl-data", "pawl-data/ledger"}) {
      const Ran ran = verify_path(path, trust);
      EXPECT_EQ(ran.exit, kExitGood) << path << trust << ran.out << ran.err;
      EXPECT_NE(ran.out.find("log 1, 2 entries"), std::string::npos) << path << ran.out;
    }
  }
  const std::string entries = "bundle/ledgers/000001/tile/entries/000.p/2";
  std::string bytes = read(entries);
  bytes[bytes.size() / 2] ^= 1;
  write(entries, bytes);
  EXPECT_EQ(verify_path("bundle").exit, kExitBad);
}

// The pin of the second log vouches for what follows it, and nobody saw the first.
TEST_F(VerifySecondLog, OneThatIsNotThereCannotBeDecided) {
  begin_second();
  ASSERT_EQ(run({"trust", "pin", "-o", "second.trust"}).exit, kExitGood);
  std::filesystem::rename("pawl-data/ledgers", "elsewhere");
  const Ran exported = run({"ledger", "export", "bundle"});
  ASSERT_EQ(exported.exit, kExitGood) << exported.err;
  EXPECT_NE(exported.out.find("log 1 is not here"), std::string::npos) << exported.out;
  for (const char* trust : {"log.trust", "second.trust"}) {
    for (const char* path : {"bundle", "pawl-data", "pawl-data/ledger"}) {
      const Ran ran = verify_path(path, trust);
      EXPECT_EQ(ran.exit, kExitUnclear) << path << ran.out;
      EXPECT_NE(ran.out.find("example.org/pawl/gw1 of size 2 was not seen"), std::string::npos)
          << path << ran.out;
    }
  }
  const Ran told = run({"verify", "bundle", "--trust", "second.trust", "--json"});
  const auto answer = json::parse(told.out);
  const json::Value* logs = json::find(answer->value, {"goes_on_from"});
  ASSERT_TRUE(logs != nullptr && logs->get_array().size() == 1) << told.out;
  const json::Value& first = logs->get_array().front();
  EXPECT_EQ(json::find_string(first, {"name"}), "example.org/pawl/gw1");
  EXPECT_EQ(json::find_string(first, {"named_root"})->size(), 44u);

  std::filesystem::rename("elsewhere", "bundle/ledgers");  // the way out: put it there
  EXPECT_EQ(verify_path("bundle", "second.trust").exit, kExitGood);
}

TEST_F(VerifySecondLog, ARefusedPinNamesTheFileAndAFileOfItsOwnIsNoMatterOfIt) {
  std::filesystem::create_directories("home/.config/pawl/trust");
  begin_second();
  write("home/.config/pawl/trust/example.org%2fpawl%2fgw1.trust", read("log.trust"));
  enrol_operator();
  const Ran refused = run({"trust", "pin"});
  EXPECT_EQ(refused.exit, kExitBad);
  EXPECT_NE(refused.err.find("/home/.config/pawl/trust/example.org%2fpawl%2fgw1.trust"),
            std::string::npos)
      << refused.err;
  const Ran own = run({"trust", "pin", "-o", "own.trust"});
  EXPECT_EQ(own.exit, kExitGood) << own.err;
}

// The published head may be another one: not cosigned yet, or older than the last record.
TEST_F(VerifyCommand, ABundlePinsItsOwnHead) {
  append({call(0, "confirmed")});
  const std::string published = read("pawl-data/ledger/checkpoint");
  append({call(1, "confirmed"), call(2, "confirmed")});
  const std::string newest = read("pawl-data/ledger/checkpoint");
  write("pawl-data/ledger/checkpoint", published);
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  EXPECT_EQ(ledger::parse_trust(read("bundle/pawl.trust"))->pinned_note, newest);
  // And one that an older version wrote.
  ASSERT_EQ(run({"trust", "pin", "-o", "bundle/pawl.trust", "--replace"}).exit, kExitGood);
  ASSERT_EQ(ledger::parse_trust(read("bundle/pawl.trust"))->pinned_note, published);
  ASSERT_EQ(run({"trust", "pin", "bundle", "-o", "pin.trust"}).exit, kExitGood);
  EXPECT_EQ(ledger::parse_trust(read("pin.trust"))->pinned_note, newest);
  EXPECT_EQ(run({"verify", "bundle", "--trust", "pin.trust"}).exit, kExitGood);
}

TEST_F(VerifyCommand, AnOlderBundleDoesNotTakeThePinBack) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"ledger", "export", "old"}).exit, kExitGood);
  append({call(1, "confirmed")});
  for (const bool other_keys : {false, true}) {
    if (other_keys) {
      enrol_operator();
    }
    ASSERT_EQ(run({"trust", "pin", "-o", "pin.trust", "--replace"}).exit, kExitGood);
    const std::string before = read("pin.trust");
    const Ran ran = run({"trust", "pin", "old", "-o", "pin.trust"});
    EXPECT_EQ(ran.exit, kExitUnclear) << ran.out;
    EXPECT_NE(ran.err.find("older than your pin (2)"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("--replace"), std::string::npos) << ran.err;
    EXPECT_EQ(read("pin.trust"), before);
    const Ran replaced = run({"trust", "pin", "old", "-o", "pin.trust", "--replace"});
    EXPECT_EQ(replaced.exit, kExitGood);
    EXPECT_NE(replaced.err.find("goes back from 2 to 1"), std::string::npos) << replaced.err;
    EXPECT_EQ(replaced.err.find("dropped") != std::string::npos, other_keys) << replaced.err;
  }
}

TEST_F(VerifyCommand, ABundleIsNotReplacedAndTheWayOutIsNamed) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  for (const auto& more : {std::vector<std::string>{}, {"--force"}}) {
    std::vector<std::string> arguments = {"ledger", "export", "bundle"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit, kExitUnclear);
    EXPECT_NE(ran.err.find("name another folder, or remove"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace pawl
