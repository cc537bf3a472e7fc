#include "foundation/ledger/witness_policy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "foundation/ledger/cosignature.h"
#include "tests/foundation/ledger/cosigned_vectors.h"

namespace pawl::ledger {
namespace {

std::string with_keys(std::string text) {
  for (const auto& [name, vkey] : of_witnesses("vkeys")) {
    const std::string mark = "{" + name + "}";
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark)) {
      text.replace(at, mark.size(), vkey);
    }
  }
  return text;
}

std::vector<std::string> strings(const json::Value& value, const char* member) {
  std::vector<std::string> out;
  if (const json::Value* list = json::find(value, {member})) {
    for (const json::Value& item : list->get_array()) {
      out.emplace_back(item.get_string());
    }
  }
  return out;
}

std::string text_of(const json::Value& c) {
  if (const auto text = json::find_string(c, {"text"})) {
    return std::string(*text);
  }
  std::string text;
  for (const std::string& line : strings(c, "policy")) {
    text += line + "\n";
  }
  return with_keys(text);
}

std::string cosigned_by(const std::vector<std::string>& witnesses) {
  std::string note = bare_checkpoint();
  const auto lines = of_witnesses("lines");
  for (const std::string& witness : witnesses) {
    note += lines.at(witness);
  }
  return note;
}

// The same table is read by tests/e2e/verify/witness.test.mjs.
TEST(WitnessPolicy, TheTable) {
  const json::Value table = test_json("vectors/witness/policies.json");
  const auto& cases = json::find(table, {"cases"})->get_array();
  ASSERT_GT(cases.size(), 60u);
  for (const json::Value& c : cases) {
    const std::string name(*json::find_string(c, {"name"}));
    const std::string expect(*json::find_string(c, {"expect"}));
    const Result<WitnessPolicy> policy = WitnessPolicy::parse(text_of(c));
    ASSERT_EQ(policy.has_value(), expect != "refused")
        << name << ": " << (policy ? "" : policy.error().message);
    if (!policy) {
      if (const json::Value* line = json::find(c, {"line"})) {
        const std::string where = "line " + std::to_string(line->get_int64()) + ":";
        EXPECT_NE(policy.error().message.find(where), std::string::npos)
            << name << ": " << policy.error().message;
      }
      continue;
    }
    const Note note = *parse_note(cosigned_by(strings(c, "cosigned")));
    const Result<WitnessPolicy::Answer> answer = policy->judge(note);
    ASSERT_TRUE(answer) << name << ": " << answer.error().message;
    EXPECT_EQ(answer->is_met, expect == "met") << name;
    EXPECT_EQ(answer->missing, strings(c, "missing")) << name;
  }
}

TEST(WitnessPolicy, SaysWhoCosignedAndWhen) {
  const WitnessPolicy policy = *WitnessPolicy::parse(
      with_keys("witness a {w3}\nwitness b {w2} https://b.example/\nquorum b\nlog {log}\n"));
  const auto answer = policy.judge(*parse_note(cosigned_checkpoint()));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->cosigned.size(), 2u);
  EXPECT_EQ(answer->cosigned[0].name, "a");
  EXPECT_EQ(answer->cosigned[0].time_s, 1'772'000'003);
  EXPECT_EQ(answer->cosigned[1].name, "b");
  EXPECT_EQ(policy.witnesses()[1].url, "https://b.example/");
  EXPECT_EQ(policy.quorum(), "b");
}

TEST(WitnessPolicy, AFalseLineOfAListedWitnessIsBadWhateverTheQuorum) {
  std::string note = cosigned_checkpoint();
  const std::string line = of_witnesses("lines").at("w2");
  std::string false_line = line;
  false_line.replace(false_line.size() - 20, 1,
                     false_line[false_line.size() - 20] == 'A' ? "B" : "A");
  note.replace(note.find(line), line.size(), false_line);
  for (const char* quorum : {"a", "b", "g", "none"}) {
    const WitnessPolicy policy = *WitnessPolicy::parse(with_keys(
        std::string("witness a {w1}\nwitness b {w2}\ngroup g any a b\nquorum ") + quorum + "\n"));
    const auto answer = policy.judge(*parse_note(note));
    ASSERT_FALSE(answer) << quorum;
    EXPECT_EQ(answer.error().code, Code::kBadSignature) << quorum;
  }
  // It is nobody's who is listed: the line is ignored.
  const WitnessPolicy other = *WitnessPolicy::parse(with_keys("witness a {w1}\nquorum a\n"));
  EXPECT_TRUE(other.judge(*parse_note(note))->is_met);
}

// Every threshold of groups of groups against a count, for every set of six witnesses.
TEST(WitnessPolicy, CountsEverySetOfWitnesses) {
  for (int first = 1; first <= 3; ++first) {
    for (int second = 1; second <= 3; ++second) {
      for (int both = 1; both <= 2; ++both) {
        std::string text;
        for (int i = 1; i <= 6; ++i) {
          const std::string name = "w" + std::to_string(i);
          text += "witness " + name + " {" + name + "}\n";
        }
        text += "group f " + std::to_string(first) + " w1 w2 w3\n";
        text += "group s " + std::to_string(second) + " w4 w5 w6\n";
        text += "group b " + std::to_string(both) + " f s\nquorum b\n";
        const WitnessPolicy policy = *WitnessPolicy::parse(with_keys(text));
        for (unsigned set = 0; set < 64; ++set) {
          std::vector<bool> cosigned;
          for (unsigned i = 0; i < 6; ++i) {
            cosigned.push_back((set >> i & 1) != 0);
          }
          const bool f = std::count(cosigned.begin(), cosigned.begin() + 3, true) >= first;
          const bool s = std::count(cosigned.begin() + 3, cosigned.end(), true) >= second;
          EXPECT_EQ(policy.is_met_by(cosigned), (f ? 1 : 0) + (s ? 1 : 0) >= both) << text << set;
        }
      }
    }
  }
}

TEST(WitnessPolicy, AcceptsTheLogsThatItLists) {
  const WitnessPolicy any = *WitnessPolicy::parse("quorum none\n");
  const WitnessPolicy one = *WitnessPolicy::parse(with_keys("log {log}\nquorum none\n"));
  const VerifierKey log = *VerifierKey::parse(of_witnesses("vkeys").at("log"));
  const auto named = [&](const std::string& name) {
    return *VerifierKey::parse(*vkey_of(name, log.key));
  };
  const VerifierKey other_key = *VerifierKey::parse(
      *vkey_of(log.name, SigningKey::generate(KeyKind::kEd25519)->public_key()));
  EXPECT_TRUE(any.accepts(log));
  EXPECT_TRUE(any.accepts(other_key));
  EXPECT_TRUE(one.accepts(log));
  EXPECT_TRUE(one.accepts(named(log.name + "/2"))) << "a later log of the same instance";
  EXPECT_FALSE(one.accepts(named("example.org/pawl/other")));
  EXPECT_FALSE(one.accepts(other_key));
}

TEST(WitnessPolicy, Limits) {
  // The specification asks for at least 32 of each.
  const auto policy_of = [](std::size_t count, bool grouped) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      const PublicKey key = key_of("witness " + number).public_key();
      text += "witness w" + number + " " + *vkey_of("w" + number, key, NoteKeyType::kCosignature) +
              "\n";
      text += "log " + *vkey_of("l" + number, key) + "\n";
      text += grouped ? "group g" + number + " any w" + number + "\n" : "";
    }
    return text + "quorum none\n";
  };
  const Result<WitnessPolicy> most = WitnessPolicy::parse(policy_of(WitnessPolicy::kMost, true));
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->witnesses().size(), 256u);
  EXPECT_EQ(most->logs().size(), 256u);
  const auto more = WitnessPolicy::parse(policy_of(WitnessPolicy::kMost + 1, false));
  EXPECT_EQ(more.error().code, Code::kTooLarge);
  std::string groups = policy_of(1, false).substr(0, policy_of(1, false).rfind("quorum"));
  std::string last = "w0";
  for (std::size_t i = 0; i <= WitnessPolicy::kMost; ++i) {
    const std::string next = "g" + std::to_string(i);
    groups += "group " + next + " all " + last + "\n";
    last = next;
  }
  EXPECT_EQ(WitnessPolicy::parse(groups + "quorum none\n").error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace pawl::ledger
