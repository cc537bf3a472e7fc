// `pawl verify` and `pawl trust pin` of logs that go on from others, and of their bundles.
#include <filesystem>

#include "app/commands/verify_chain.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/verify.h"
#include "tests/app/commands/verify_rig.h"
#include "tests/support/counted_verifications.h"

namespace pawl {
namespace {

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

// Whoever took the head of one log then saw nothing of another.
TEST_F(VerifyRenewal, ThePinOfOneLogSaysNothingOfAnother) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  const ledger::Trust first = *ledger::parse_trust(read("log.trust"));
  ASSERT_TRUE(first.pinned_at_s);
  EXPECT_EQ(trust_for(first, "example.org/pawl/gw1").pinned_at_s, first.pinned_at_s);
  const ledger::Trust second = trust_for(first, "example.org/pawl/gw1/2");
  EXPECT_EQ(second.pinned_size, 0U);
  EXPECT_FALSE(second.pinned_at_s);
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

// Its holder may have made both anew: no head that is pinned was compared with any of them.
TEST_F(VerifySecondLog, ThePinOfALaterLogComparesNothing) {
  begin_second();
  ASSERT_EQ(run({"trust", "pin", "-o", "third.trust"}).exit, kExitGood);
  ledger::Trust trust = *ledger::parse_trust(read("third.trust"));
  const Keystore keys = *Keystore::open(system_files(), "pawl-data/keys");
  trust.log_vkey = ledger::NoteSigner::make("example.org/pawl/gw1/3", keys.log_key())->vkey();
  write("third.trust", ledger::print_trust(trust));
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  const Ran bundle = verify_path("bundle", "third.trust");
  EXPECT_EQ(bundle.exit, kExitUnclear) << bundle.out;
  EXPECT_NE(bundle.out.find("no head of this log with entries is pinned"), std::string::npos)
      << bundle.out;
  for (const char* path : {"pawl-data", "pawl-data/ledger", "pawl-data/ledger/"}) {
    const Ran ran = verify_path(path, "third.trust");
    EXPECT_EQ(ran.exit, kExitBad) << path << ran.out;
  }
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
