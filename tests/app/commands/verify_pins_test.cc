// Whose pins `pawl verify` takes, and what was revoked in the logs that a log goes on from.
#include <filesystem>

#include "app/commands/trust_store.h"
#include "app/commands/verify_answer.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/renewal.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

constexpr const char* kOrigin = "example.org/pawl/gw1";

class VerifyPins : public CommandRig {
 protected:
  std::string pin(const std::string& origin) {
    return "home/.config/pawl/trust/" + file_name_of(origin) + ".trust";
  }
  ledger::Trust pinned(const std::string& origin) {
    return *ledger::parse_trust(read(pin(origin)));
  }
  // The same log's key under another log's name, with no head.
  ledger::Trust of_log(std::uint64_t number, ledger::Trust trust) {
    const std::string name = ledger::log_origin(kOrigin, number);
    trust.log_vkey = ledger::NoteSigner::make(name, keys().log_key())->vkey();
    trust.pinned_size = 0;
    trust.pinned_root.clear();
    trust.pinned_note.clear();
    return trust;
  }
  ledger::Trust with_another_key(ledger::Trust trust) {
    json::Object jwk = json::parse(operator_key().public_key().to_jwk())->value.as_object();
    jwk["kid"] = "another";
    trust.token_keys = *jose::JwkSet::parse(
        json::print(json::Object{{"keys", json::Array{json::Value(std::move(jwk))}}}));
    return trust;
  }
  std::string revoked(std::uint64_t number, const std::string& target) {
    return token(
        number, "identity.revoked",
        {{"journaled", true},
         {"revocation", override_::print_revocation(
                            {record_id(60), target, "stolen", "alice", WallTime{1}, {}})}});
  }
};

TEST_F(VerifyPins, ThePinOfALaterLogIsTriedForAKeyThatTheFirstDoesNotHold) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"trust", "pin"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "prove", "0", "-o", "receipt"}).exit, kExitGood);
  const ledger::Trust first = pinned(kOrigin);
  write(pin(kOrigin), ledger::print_trust(with_another_key(first)));
  const std::vector<std::string> asked = {"verify", "receipt.token", "--proof",
                                          "receipt.tlog-proof"};
  EXPECT_EQ(run(asked).exit, kExitUnclear);
  write(pin("example.org/pawl/gw1/3"), ledger::print_trust(of_log(3, with_another_key(first))));
  EXPECT_EQ(run(asked).exit, kExitUnclear);
  write(pin("example.org/pawl/gw1/2"), ledger::print_trust(of_log(2, first)));
  const Ran ran = run(asked);
  EXPECT_EQ(ran.exit, kExitGood) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("gw1%2f2.trust"), std::string::npos) << ran.out;
}

TEST_F(VerifyPins, AFolderWithoutALedgerIsSaidToBeOne) {
  std::filesystem::create_directories("empty");
  const Ran ran = run({"verify", "empty"});
  EXPECT_EQ(ran.exit, kExitUnclear);
  EXPECT_NE(ran.out.find("a folder that holds no ledger"), std::string::npos) << ran.out;
}

TEST_F(VerifyPins, WhatAFrozenLogRevokedIsListedWithItsLog) {
  append({call(0, "confirmed"), revoked(1, "agent:triage")});
  ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood);
  const ledger::Opened opened{2, kOrigin, 2, 2, read("pawl-data/ledger/checkpoint"), "{}", {}};
  ASSERT_TRUE(ledger::prepare_renewal(system_files(), "pawl-data", opened));
  std::filesystem::rename("pawl-data/ledger", "pawl-data/ledgers/000001");
  const Ran ran = run({"verify", "pawl-data", "--trust", "log.trust"});
  EXPECT_EQ(ran.exit, kExitGood) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("agent:triage, entry 1 of log 1, "), std::string::npos) << ran.out;
}

TEST_F(VerifyPins, WhatALaterLogLiftedIsNotListed) {
  VerifyAnswer answer;
  FrozenLog frozen{1, {}, {}};
  frozen.statements.revoked.emplace(
      4, override_::Revocation{record_id(60), "agent:a", "stolen", "alice", WallTime{1}, {}});
  frozen.statements.revoked.emplace(
      5, override_::Revocation{record_id(61), "agent:b", "stolen", "alice", WallTime{1}, {}});
  answer.frozen.push_back(std::move(frozen));
  answer.statements.lifted.push_back(record_id(60).text());
  const json::Object shown = answer_json(answer);
  const json::Array& revoked = shown.at("revoked").as_array();
  ASSERT_EQ(revoked.size(), 1U);
  EXPECT_EQ(json::find_string(revoked[0], {"target"}), "agent:b");
}

// As `pawl revoke` prints it.
TEST_F(VerifyPins, TheIdOfARevocationStandsForItsRecord) {
  append({call(0, "confirmed"), revoked(1, "agent:triage")});
  const Ran shown = run({"ledger", "show", record_id(60).text()});
  EXPECT_EQ(shown.exit, kExitGood) << shown.err;
  EXPECT_NE(shown.out.find("agent:triage revoked by alice: stolen"), std::string::npos)
      << shown.out;
  EXPECT_EQ(run({"ledger", "show", record_id(61).text()}).exit, kExitUnclear);
}

}  // namespace
}  // namespace pawl
