// `pawl ledger chain` over whole graphs: workflows, logs, and indexes that say something else.
#include "app/commands/ledger_chain.h"

#include "foundation/ledger/renewal.h"
#include "infrastructure/store/sqlite.h"
#include "tests/app/commands/command_rig.h"

namespace pawl {
namespace {

struct Made {
  std::uint64_t number = 0;
  std::vector<std::uint64_t> parents{};
  std::uint64_t workflow = 0;  // 0: none
  std::string level{};         // of what it came from
  bool partial = false;
};

class LedgerChain : public CommandRig {
 protected:
  std::string token_of(const Made& made) {
    json::Object body{{"agent", "triage"}, {"server", "files"}, {"tool", "read"}};
    body["outcome"] = "confirmed";
    json::Array pred, basis;
    for (const std::uint64_t parent : made.parents) {
      pred.emplace_back(record_id(parent).text());
      basis.emplace_back("declared");
    }
    body["basis"] = std::move(basis);
    if (!made.level.empty()) {
      body["level"] = made.level;
    }
    if (made.partial) {
      body["graph"] = "partial";
    }
    json::Object claims{{"iss", "spiffe://example.org/pawl/gw1"},
                        {"aud", "spiffe://example.org/pawl/gw1/ledger"},
                        {"iat", 1'772'000'000 + static_cast<std::int64_t>(made.number)},
                        {"exp", 1'772'000'600 + static_cast<std::int64_t>(made.number)},
                        {"jti", record_id(made.number).text()},
                        {"exec_act", "tool.call"}};
    if (made.workflow != 0) {
      claims["wid"] = record_id(made.workflow).text();
    }
    claims["pred"] = std::move(pred);
    claims["ect_ext"] =
        json::Object{{"pawl.profile", "urn:pawl:profile:1"}, {"pawl.tool", std::move(body)}};
    return *jose::sign(keys().instance_key(), "exec+jwt", keys().instance_kid(),
                       json::print(claims));
  }
  void append_all(const std::vector<Made>& all) {
    std::vector<std::string> tokens;
    for (const Made& made : all) {
      tokens.push_back(token_of(made));
    }
    append(tokens);
  }
  void freeze(std::uint64_t entries) {
    const ledger::Opened opened{
        2, "example.org/pawl/gw1", entries, entries, read("pawl-data/ledger/checkpoint"), "{}", {}};
    ASSERT_TRUE(ledger::prepare_renewal(system_files(), "pawl-data", opened));
    ASSERT_TRUE(ledger::switch_logs(system_files(), "pawl-data", 1));
  }
  // "NUMBER:LEVEL" of each line, with "p" where it is partial and "c" where it is in a cycle.
  std::string chain(std::vector<std::string> arguments, std::string* told = nullptr) {
    arguments.insert(arguments.begin(), {"--json", "ledger", "chain"});
    const Ran ran = run(std::move(arguments));
    EXPECT_EQ(ran.exit, kExitGood) << ran.err;
    if (told != nullptr) {
      *told = ran.err;
    }
    std::istringstream text(ran.out);
    std::string line, out;
    while (std::getline(text, line)) {
      const json::Value value = json::parse(line)->value;
      const std::string id(*json::find_string(value, {"id"}));
      const std::string graph(json::find_string(value, {"graph"}).value_or(""));
      out += out.empty() ? "" : " ";
      out += std::to_string(std::stoi(id.substr(id.size() - 4))) + ":" +
             std::string(*json::find_string(value, {"level"})) + graph.substr(0, 1);
    }
    return out;
  }
};

// Three workflows, two logs; 9 is a token of another issuer, which is in no log.
const std::vector<Made> kFirst = {
    {1, {}, 801}, {2, {1, 9}, 801, "L2"}, {3, {}, 802}, {4, {3}, 802, "", true}};
const std::vector<Made> kSecond = {{5, {2}, 803}, {6, {4}, 803}, {7, {5, 6}, 803}, {8, {}}};

class LedgerChains : public LedgerChain {
 protected:
  void SetUp() override {
    LedgerChain::SetUp();
    append_all(kFirst);
    freeze(kFirst.size());
    append_all(kSecond);
  }
};

TEST_F(LedgerChains, ALevelComesFromOtherWorkflowsAndLogsToo) {
  EXPECT_EQ(chain({record_id(801).text()}), "1:L3 2:L2");
  EXPECT_EQ(chain({record_id(803).text()}), "5:L2 6:L3p 7:L2p");
  EXPECT_EQ(chain({record_id(7).text()}), "5:L2 6:L3p 7:L2p") << "a record stands for its workflow";
  const Ran people = run({"ledger", "chain", record_id(803).text()});
  EXPECT_NE(people.out.find("0 declared, 1 declared (partial) (L2)"), std::string::npos)
      << people.out;
}

TEST_F(LedgerChains, AncestorsAndDescendantsOfARecord) {
  EXPECT_EQ(chain({record_id(7).text(), "--ancestors"}), "1:L3 2:L2 3:L3 4:L3p 5:L2 6:L3p 7:L2p");
  EXPECT_EQ(chain({record_id(3).text(), "--descendants"}), "3:L3 4:L3p 6:L3p 7:L2p");
  EXPECT_EQ(chain({record_id(2).text(), "--ancestors", "--descendants"}), "1:L3 2:L2 5:L2 7:L2p");
  EXPECT_EQ(chain({record_id(8).text(), "--descendants"}), "8:L3") << "of no workflow";
  EXPECT_EQ(chain({"2", "--ancestors"}), "1:L3 2:L2 3:L3 4:L3p 5:L2 6:L3p 7:L2p")
      << "by its index in the log in use";
  EXPECT_EQ(run({"ledger", "chain", record_id(9).text(), "--ancestors"}).exit, kExitUnclear);
}

// Whoever may write the folder may write the index, and nobody is misled: not by the rows that are
// shown, nor by those that a level rests on.
TEST_F(LedgerChains, AnIndexThatSaysSomethingElseIsBuiltAgain) {
  const std::string frozen = "pawl-data/ledgers/000001/index.sqlite",
                    used = "pawl-data/index.sqlite";
  struct Case {
    std::string file;
    const char* sql;
  };
  const Case cases[] = {
      {frozen, "UPDATE records SET level = 3 WHERE idx = 1"},
      {frozen, "UPDATE records SET partial = 0"},
      {used, "UPDATE records SET parents = x'' WHERE idx = 0"},
      {used, "UPDATE records SET parents = x'0102' WHERE idx = 1"},
      {used, "UPDATE records SET level = 77 WHERE idx = 2"},
      {used, "UPDATE records SET id = x'01' WHERE idx = 2"},
  };
  const std::string expected = chain({record_id(7).text(), "--ancestors"});
  for (const Case& one : cases) {
    ASSERT_TRUE(store::Database::open(folder_ + "/" + one.file)->run(one.sql)) << one.sql;
    std::string told;
    EXPECT_EQ(chain({record_id(803).text()}, &told), "5:L2 6:L3p 7:L2p") << one.sql;
    EXPECT_NE(told.find("is built again"), std::string::npos) << one.sql;
    EXPECT_EQ(chain({record_id(7).text(), "--ancestors"}, &told), expected) << one.sql;
    EXPECT_EQ(told, "") << one.sql;
  }
}

// No gateway writes it; a verifier of what it got from others may still be shown it.
TEST_F(LedgerChain, ACycleIsToldAndWorthNothing) {
  append_all({{1, {}, 801}, {2, {1, 3}, 801}, {3, {2}, 801}, {4, {3}, 801}, {5, {5}, 801}});
  EXPECT_EQ(chain({record_id(801).text()}), "1:L3 2:L1c 3:L1c 4:L1c 5:L1c");
  const Ran people = run({"ledger", "chain", "3", "--ancestors"});
  EXPECT_NE(people.out.find("(cycle)"), std::string::npos) << people.out;
}

TEST_F(LedgerChain, ALevelThatNobodyKnowsIsTheWeakest) {
  append_all({{1, {}, 801, "L9"}, {2, {1}, 801}});
  EXPECT_EQ(chain({record_id(801).text()}), "1:L1 2:L1");
}

}  // namespace
}  // namespace pawl
