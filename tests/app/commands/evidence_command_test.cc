// `pawl ledger export --workflow` and `pawl verify FILE` of what it writes.
#include "app/commands/ledger_export.h"

#include "base/json.h"
#include "foundation/ledger/evidence.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

const std::string kWorkflow = "8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718";
const std::string kOther = "8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60719";

class EvidenceCommand : public CommandRig {
 protected:
  std::string opened() { return token(0, "ledger.opened", {{"token_key", keys().instance_kid()}}); }
  // What --json says of the file.
  json::Value shown(const std::string& file, int expected = kExitGood) {
    const Ran ran = run({"verify", file, "--trust", "log.trust", "--json"});
    EXPECT_EQ(ran.exit, expected) << ran.out << ran.err;
    const Result<json::Parsed> parsed = json::parse(ran.out);
    return parsed ? parsed->value.at("evidence") : json::Value();
  }
  void pin() { ASSERT_EQ(run({"trust", "pin", "-o", "log.trust"}).exit, kExitGood); }
};

TEST_F(EvidenceCommand, TheRecordsOfAWorkflowAndWhatTheyCameFrom) {
  append({opened(), call_of(kOther, 1), call_of(kOther, 2, {1}), call_of(kWorkflow, 3, {2}),
          call_of(kOther, 4, {3}), call_of(kWorkflow, 5, {3}), call_of("", 6, {5}),
          call_of("", 7, {4})});
  pin();
  const Ran ran = run({"ledger", "export", "--workflow", kWorkflow, "w.evidence"});
  ASSERT_EQ(ran.exit, kExitGood) << ran.err;
  EXPECT_NE(ran.out.find("2 of the workflow, 2 that they came from, 1 about them"),
            std::string::npos)
      << ran.out;
  const ledger::Evidence evidence = *ledger::parse_evidence(read("w.evidence"));
  std::vector<std::uint64_t> indexes;
  for (const ledger::EvidenceEntry& entry : evidence.entries) {
    indexes.push_back(entry.index);
  }
  EXPECT_EQ(indexes, (std::vector<std::uint64_t>{1, 2, 3, 5, 6}));
  EXPECT_EQ(evidence.key_records.size(), 1u);
  const json::Value found = shown("w.evidence");
  EXPECT_EQ(found.at("records").as_int64(), 2);
  EXPECT_FALSE(found.at("partial").as_bool());
  EXPECT_EQ(found.at("level").as_string(), "L3");
  const Ran people = run({"verify", "w.evidence", "--trust", "log.trust"});
  for (const char* said : {"PROVEN GOOD: 2 records of workflow", "graph", "complete", "L3",
                           "not shown", "trust root"}) {
    EXPECT_NE(people.out.find(said), std::string::npos) << said << ": " << people.out;
  }
}

TEST_F(EvidenceCommand, IsFoundByARecordToo) {
  append({opened(), call_of(kWorkflow, 1)});
  for (const std::string& name : {std::string("1"), record_id(1).text(), kWorkflow}) {
    const Ran ran = run({"ledger", "export", "--workflow", name, "--json"});
    EXPECT_EQ(ran.exit, kExitGood) << ran.err;
    EXPECT_NE(ran.out.find(kWorkflow + ".evidence"), std::string::npos) << ran.out;
  }
  EXPECT_EQ(run({"verify", kWorkflow + ".evidence"}).exit, kExitUnclear) << "nobody's keys";
  ASSERT_EQ(run({"trust", "pin"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", kWorkflow + ".evidence"}).exit, kExitGood) << "the pinned ones";
  EXPECT_EQ(run({"verify", "-"}, read(kWorkflow + ".evidence")).exit, kExitGood);
}

TEST_F(EvidenceCommand, MissingParentsAreNamedAndMakeItPartial) {
  append({opened(),
          call_of(kWorkflow, 1, {77}, {{"level", "L2"}, {"basis", json::Array{"declared"}}}),
          call_of(kOther, 2, {88})});
  pin();
  ASSERT_EQ(run({"ledger", "export", "--workflow", "1", "one"}).exit, kExitGood);
  const json::Value one = shown("one");
  EXPECT_TRUE(one.at("partial").as_bool());
  EXPECT_EQ(one.at("level").as_string(), "L2");
  EXPECT_EQ(one.at("missing").at(0).at("id").as_string(), record_id(77).text());
  const Ran people = run({"verify", "one", "--trust", "log.trust"});
  EXPECT_NE(people.out.find("partial: 1 parent is not in the file"), std::string::npos)
      << people.out;
  ASSERT_EQ(run({"ledger", "export", "--workflow", "2", "two"}).exit, kExitGood);
  const json::Value two = shown("two", kExitUnclear);
  EXPECT_FALSE(two.at("missing").at(0).at("accounted").as_bool());
}

// Whoever has the file alone pins what it says, and compares the fingerprint.
TEST_F(EvidenceCommand, ItsKeysCanBePinnedAndNeverReplaceAHead) {
  append({opened(), call_of(kWorkflow, 1)});
  pin();
  ASSERT_EQ(run({"ledger", "export", "--workflow", "1", "w"}).exit, kExitGood);
  ASSERT_EQ(run({"trust", "pin", "w", "-o", "of_w.trust"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", "w", "--trust", "of_w.trust"}).exit, kExitGood);
  EXPECT_EQ(run({"verify", "pawl-data", "--trust", "of_w.trust"}).exit, kExitUnclear) << "no head";
  const std::string with_head = read("log.trust");
  EXPECT_EQ(run({"trust", "pin", "w", "-o", "log.trust"}).exit, kExitGood) << "the same keys";
  EXPECT_EQ(read("log.trust"), with_head);
  EXPECT_EQ(run({"trust", "pin", "w", "--expect", "SHA256:x", "-o", "x"}).exit, kExitBad);
  ledger::Trust other = *ledger::parse_trust(with_head);
  const std::string jwk = operator_key().public_key().to_jwk();
  other.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + jwk + "]}");
  write("other.trust", ledger::print_trust(other));
  const Ran refused = run({"trust", "pin", "w", "-o", "other.trust"});
  EXPECT_EQ(refused.exit, kExitBad);
  EXPECT_NE(refused.err.find("other keys were pinned"), std::string::npos) << refused.err;
}

TEST_F(EvidenceCommand, RefusalsSayWhatWasExpected) {
  append({opened(), call_of(kWorkflow, 1)});
  pin();
  write("other", "somebody's notes");
  ASSERT_EQ(run({"ledger", "export", "--workflow", "1", "w"}).exit, kExitGood);
  ASSERT_EQ(run({"ledger", "prove", "1", "-o", "one"}).exit, kExitGood);
  struct {
    const char* name;
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  } const cases[] = {
      {"nothing asked", {"ledger", "export"}, kExitUnclear, "--workflow ID"},
      {"no such workflow", {"ledger", "export", "--workflow", kOther, "x"}, kExitUnclear, "no rec"},
      {"no id", {"ledger", "export", "--workflow", "seven", "x"}, kExitUnclear, "UUID"},
      {"a record of none",
       {"ledger", "export", "--workflow", "0", "x"},
       kExitUnclear,
       "no workflow"},
      {"no such log", {"ledger", "export", "--workflow", "1", "--log", "3", "x"}, kExitUnclear, ""},
      {"another file", {"ledger", "export", "--workflow", "1", "other"}, kExitBad, "--force"},
      {"the same again", {"ledger", "export", "--workflow", "1", "w"}, kExitGood, ""},
      {"by force", {"ledger", "export", "--workflow", "1", "other", "--force"}, kExitGood, ""},
      {"a proof beside it",
       {"verify", "w", "--trust", "log.trust", "--proof", "one.tlog-proof"},
       kExitUnclear,
       "single token"},
      {"a trust file is none",
       {"verify", "log.trust", "--trust", "log.trust"},
       kExitUnclear,
       "not an evidence file"},
  };
  for (const auto& one : cases) {
    const Ran ran = run(one.arguments);
    EXPECT_EQ(ran.exit, one.exit) << one.name << ran.out << ran.err;
    EXPECT_NE((ran.out + ran.err).find(one.says), std::string::npos)
        << one.name << ": " << ran.out << ran.err;
  }
  EXPECT_FALSE(std::filesystem::exists("x"));
}

TEST_F(EvidenceCommand, ARetiredKeyThatSignedOnIsNotExported) {
  const SigningKey next = *SigningKey::generate(KeyKind::kP256);
  json::Object jwk = json::parse(next.public_key().to_jwk())->value.get_object();
  const std::string kid = next.public_key().thumbprint();
  append(
      {opened(), token(1, "key.activated", {{"kid", kid}, {"jwk", std::move(jwk)}}),
       *jose::sign(
           next, "exec+jwt", kid,
           json::print(
               jose::decode(token(2, "key.retired", {{"kid", keys().instance_kid()}}))->payload)),
       call_of(kWorkflow, 3)});
  const Ran ran = run({"ledger", "export", "--workflow", kWorkflow, "w"});
  EXPECT_EQ(ran.exit, kExitBad) << ran.out;
  EXPECT_NE(ran.err.find("which was retired before"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists("w"));
}

// Many, so that proofs share paths and the tree has a ragged edge.
TEST_F(EvidenceCommand, EveryProofOfALargerTreeHolds) {
  std::vector<std::string> tokens{opened()};
  for (std::uint64_t i = 1; i < 77; ++i) {
    tokens.push_back(call_of(i % 3 == 0 ? kWorkflow : kOther, i));
  }
  append(tokens);
  pin();
  ASSERT_EQ(run({"ledger", "export", "--workflow", kWorkflow, "w"}).exit, kExitGood);
  EXPECT_EQ(shown("w").at("records").as_int64(), 25);
}

}  // namespace
}  // namespace pawl
