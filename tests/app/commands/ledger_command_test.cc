#include "app/commands/ledger_command.h"

#include "foundation/ledger/verify.h"
#include "infrastructure/store/sqlite.h"
#include "tests/app/commands/command_rig.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

class LedgerCommand : public CommandRig {};

TEST_F(LedgerCommand, TailShowsTheNewestAsData) {
  append({call(0, "confirmed"), call(1, "denied", "triage", "wri\x1b[2Jte"), call(2, "unknown")});
  const Ran tail = run({"ledger", "tail", "-n", "2"});
  EXPECT_EQ(tail.exit, kExitGood) << tail.err;
  EXPECT_EQ(tail.out.find(record_id(0).text()), std::string::npos);
  EXPECT_NE(tail.out.find("triage -> files/wri\\x1b[2Jte"), std::string::npos) << tail.out;
  EXPECT_NE(tail.out.find("unknown"), std::string::npos);
  EXPECT_EQ(tail.out.find('\x1b'), std::string::npos);

  const Ran lines = run({"--json", "ledger", "tail"});
  std::istringstream text(lines.out);
  std::string line;
  std::int64_t index = 0;
  for (; std::getline(text, line); ++index) {
    const auto parsed = json::parse(line);
    ASSERT_TRUE(parsed.has_value()) << line;
    EXPECT_EQ(json::find(parsed->value, {"index"})->to_number<std::int64_t>(), index);
  }
  EXPECT_EQ(index, 3);
}

TEST_F(LedgerCommand, ShowsByIdAndByIndex) {
  append({call(0, "confirmed"), call(1, "failed")});
  for (const std::string& name : {std::string("1"), record_id(1).text()}) {
    const Ran shown = run({"ledger", "show", name, "--json"});
    ASSERT_EQ(shown.exit, kExitGood) << shown.err;
    const auto parsed = json::parse(shown.out);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(json::find_string(parsed->value, {"claims", "jti"}), record_id(1).text());
    const Ran token = run({"ledger", "show", name, "--token"});
    EXPECT_EQ(json::find_string(parsed->value, {"token"}), token.out);
  }
  const Ran people = run({"ledger", "show", "0"});
  EXPECT_NE(people.out.find("triage-reads"), std::string::npos) << people.out;
}

// Ids of one minute share their beginning.
TEST_F(LedgerCommand, ShowsByTheEndOfAnId) {
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 7; ++i) {
    tokens.push_back(call(i, "confirmed"));
  }
  tokens.push_back(call(12'345'678, "failed"));
  append(tokens);
  const auto id_of = [&](const std::string& name) {
    const Ran shown = run({"ledger", "show", name, "--json"});
    const auto parsed = json::parse(shown.out);
    return parsed ? std::string(json::find_string(parsed->value, {"claims", "jti"}).value_or(""))
                  : shown.err;
  };
  EXPECT_EQ(id_of("00000004"), record_id(4).text());
  EXPECT_EQ(id_of("7000-8000-000000000004"), record_id(4).text());
  EXPECT_EQ(id_of("12345678"), record_id(12'345'678).text()) << "there is no such index";
  EXPECT_NE(id_of("87654321").find("no record with index 87654321"), std::string::npos);
  EXPECT_NE(id_of("0000000f").find("no record begins or ends with"), std::string::npos);
  EXPECT_NE(id_of("x7").find("at least 8 characters"), std::string::npos);
  const std::string several = id_of("0195a000");
  EXPECT_NE(several.find(record_id(4).text() + ", ...; write more"), std::string::npos) << several;
  EXPECT_EQ(several.find(record_id(5).text()), std::string::npos) << several;

  EXPECT_NE(run({"why", "00000004"}).out.find(record_id(4).text()), std::string::npos);
  EXPECT_EQ(run({"ledger", "prove", "00000004", "-o", "r"}).exit, kExitGood);
  EXPECT_EQ(read("r.token"), tokens[4]);
}

TEST_F(LedgerCommand, ProvesEveryEntryOffline) {
  for (const std::uint64_t size : {1u, 2u, 3u, 7u, 8u, 9u}) {
    std::filesystem::remove_all(folder_ + "/pawl-data");
    keys_.reset();
    std::vector<std::string> tokens;
    for (std::uint64_t i = 0; i < size; ++i) {
      tokens.push_back(call(i, "confirmed"));
    }
    append(tokens);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::string name = std::to_string(i);
      const Ran proven = run({"ledger", "prove", name, "-o", "receipt", "--force"});
      ASSERT_EQ(proven.exit, kExitGood) << proven.err;
      EXPECT_EQ(read("receipt.token"), tokens[i]);
      const ledger::Report report =
          ledger::verify_receipt(read("receipt.token"), read("receipt.tlog-proof"), std::nullopt);
      EXPECT_EQ(report.verdict, ledger::Verdict::kUnknown) << report.reason;  // no trust root
      EXPECT_EQ(report.first_bad, "") << size << " " << i;
    }
  }
}

TEST_F(LedgerCommand, QueriesWithTheIndexAndWithout) {
  append({call(0, "confirmed"), call(1, "denied"), call(2, "confirmed", "billing")});
  for (const char* with : {"an index file", "one that cannot be written", "none"}) {
    if (std::string(with) == "one that cannot be written") {
      std::filesystem::remove(folder_ + "/pawl-data/index.sqlite");
      std::filesystem::create_directory(folder_ + "/pawl-data/index.sqlite");
    }
    const std::string data = std::string(with) == "none" ? "bundle" : "pawl-data";
    if (data == "bundle") {
      ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
    }
    const Ran found = run({"ledger", "query", "--agent", "triage", "--outcome", "denied", "--since",
                           "2026-02-25", "--data", data});
    EXPECT_EQ(found.exit, kExitGood) << with << found.err;
    EXPECT_TRUE(is_one_line(found.out)) << with << found.out;
    EXPECT_NE(found.out.find(record_id(1).text()), std::string::npos) << with;
  }
}

TEST_F(LedgerCommand, AQueryBelievesNoRowThatItsEntryContradicts) {
  append({call(0, "confirmed"), call(1, "denied")});
  ASSERT_EQ(run({"ledger", "query"}).exit, kExitGood);
  const auto alter = [&](const char* sql) {
    ASSERT_TRUE(store::Database::open(folder_ + "/pawl-data/index.sqlite")->run(sql));
  };
  alter("UPDATE records SET outcome = 'confirmed'");
  const Ran asked = run({"ledger", "query", "--outcome", "confirmed"});
  EXPECT_EQ(asked.exit, kExitGood);
  EXPECT_NE(asked.err.find("the index was wrong"), std::string::npos) << asked.err;
  EXPECT_EQ(asked.out.find(record_id(1).text()), std::string::npos) << asked.out;
  EXPECT_EQ(run({"ledger", "query"}).err, "") << "it was built again";

  alter("DELETE FROM records WHERE outcome = 'denied'");
  EXPECT_EQ(run({"ledger", "query", "--outcome", "denied"}).out, "") << "a query cannot see that";
  const Ran scrubbed = run({"scrub"});
  EXPECT_EQ(scrubbed.exit, kExitGood) << scrubbed.err << scrubbed.out;
  EXPECT_NE(scrubbed.out.find("has no row of it; it was built again"), std::string::npos)
      << scrubbed.out;
  EXPECT_TRUE(is_one_line(run({"ledger", "query", "--outcome", "denied"}).out));
}

TEST_F(LedgerCommand, BadInputIsOneLineAndExitsTwo) {
  append({call(0, "confirmed")});
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    const char* told;
  };
  const Case cases[] = {
      {"no command", {}, "--help"},
      {"unknown command", {"ledgr"}, "ledgr"},
      {"a group alone", {"ledger"}, "subcommand"},
      {"unknown option", {"ledger", "tail", "--all"}, "--all"},
      {"a bad count", {"ledger", "tail", "-n", "x"}, "-n"},
      {"zero", {"ledger", "tail", "-n", "0"}, "-n"},
      {"neither id nor index", {"ledger", "show", "-1x"}, "ledger"},
      {"a word", {"ledger", "show", "first"}, "expected a record's id"},
      {"beyond the end", {"ledger", "show", "1"}, "no record with index 1"},
      {"unknown id", {"ledger", "show", record_id(9).text()}, "no record with id"},
      {"unknown id to prove", {"ledger", "prove", record_id(9).text()}, "no record with id"},
      {"no data folder", {"--data", "nowhere", "ledger", "tail"}, "no ledger here"},
      {"no data folder to query", {"ledger", "query", "--data", "nowhere"}, "no ledger here"},
      {"a missing configuration", {"--config", "no.yaml", "ledger", "tail"}, "no.yaml"},
      {"a misspelt outcome", {"ledger", "query", "--outcome", "deny"}, "expected confirmed"},
      {"a misspelt verb", {"ledger", "query", "--verb", "tool_call"}, "tool.call"},
      {"a bad time", {"ledger", "query", "--since", "yesterday"}, "expected a date"},
      {"a bad workflow", {"ledger", "query", "--workflow", "7"}, "UUID"},
      {"words that imitate", {"ledger", "show", "x\npawl: all good\x1b[2J"}, "\\x0apawl"},
  };
  for (const Case& c : cases) {
    const Ran ran = run(c.arguments);
    EXPECT_EQ(ran.exit, kExitUnclear) << c.name;
    EXPECT_TRUE(is_one_line(ran.err)) << c.name << ": " << ran.err;
    EXPECT_EQ(ran.err.find("pawl: "), 0u) << c.name << ": " << ran.err;
    EXPECT_NE(ran.err.find(c.told), std::string::npos) << c.name << ": " << ran.err;
    EXPECT_EQ(ran.out, "") << c.name;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/nowhere"));
}

TEST_F(LedgerCommand, ErrorsInJson) {
  const Ran ran = run({"ledger", "show", "0", "--json"});
  const auto parsed = json::parse(ran.err.substr(0, ran.err.size() - 1));
  ASSERT_TRUE(parsed.has_value()) << ran.err;
  EXPECT_EQ(json::find_string(parsed->value, {"error", "code"}), "not_found");
}

TEST_F(LedgerCommand, ExportIsMadeOnce) {
  append({call(0, "confirmed")});
  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, kExitGood);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/bundle/pawl.trust"));
  EXPECT_EQ(run({"ledger", "export", "bundle"}).exit, kExitUnclear);
}

// Every `pawl ...` line of a text, as words.
std::vector<std::vector<std::string>> pawl_lines(const std::string& text) {
  std::vector<std::vector<std::string>> out;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::vector<std::string> found{std::istream_iterator<std::string>(words), {}};
    if (!found.empty() && found.front() == "pawl") {
      out.emplace_back(found.begin() + 1, found.end());
    }
  }
  return out;
}

std::string fenced(const std::string& page) {
  std::string out;
  for (std::size_t begin = page.find("```sh\n"); begin != std::string::npos;
       begin = page.find("```sh\n", begin + 1)) {
    out += page.substr(begin + 6, page.find("```", begin + 6) - begin - 6);
  }
  return out;
}

class Examples : public CommandRig {
 protected:
  void SetUp() override {
    CommandRig::SetUp();
    append({call(0, "confirmed"), call(1, "denied"),
            call_with("0195a000-0000-7000-8000-00009a3f04be"),
            call_of("8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718", 2)});
    for (const char* file : {"rules.yaml", "changed.yaml"}) {
      write(file,
            "rules:\n  - id: r\n    when: { agent: triage }\n    then: allow\n"
            "tests:\n  - name: t\n    agent: triage\n    expect: allow\n");
    }
    write("witnesses.policy", "quorum none\n");
    write("planner.jwks.json", R"({"keys":[{"kty":"EC","crv":"P-256","kid":"p",)"
                               R"("x":"RORlmKjFW38h9zvSAYhXBJTaFi0Nq9EwtCxgbXTwwWw",)"
                               R"("y":"l8-OKoMGx_xTkjVk8fSUByCq3y1sdBaSt_1DRGoXT8s"}]})");
    write("pawl.yaml", "agents:\n  triage: { key: \"${NOT_SET}\" }\nrules: [rules.yaml]\n");
  }
  std::string call_with(const std::string& id) {
    json::Object claims = jose::decode(call(3, "confirmed"))->payload.as_object();
    claims["jti"] = id;
    return *jose::sign(keys().instance_key(), "exec+jwt", keys().instance_kid(),
                       json::print(claims));
  }
  void expect_runs(const std::vector<std::string>& arguments) {
    if (std::find(arguments.begin(), arguments.end(), "reload") != arguments.end()) {
      return;  // needs a daemon: tests/e2e/rules_reload.test.mjs
    }
    // Evidence of two histories is there only when somebody made it, and is never good.
    if (std::any_of(arguments.begin(), arguments.end(),
                    [](const std::string& word) { return word.ends_with(".equivocation"); })) {
      return;
    }
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit, kExitGood) << testing::PrintToString(arguments) << ran.out << ran.err;
  }
};

TEST_F(Examples, OfHelpRun) {
  expect_runs({"ledger", "export", "bundle"});
  expect_runs({"ledger", "prove", "0", "-o", "receipt", "--force"});
  expect_runs({"ledger", "export", "--workflow", "last", "workflow.evidence"});
  expect_runs({"trust", "pin", "-o", "log.trust"});
  const std::vector<std::vector<std::string>> commands = {{"trust", "pin"},    {"ledger", "tail"},
                                                          {"ledger", "show"},  {"ledger", "prove"},
                                                          {"ledger", "query"}, {"verify"},
                                                          {"rules", "check"},  {"rules", "explain"},
                                                          {"rules", "test"},   {"why"},
                                                          {"ledger", "export"}};
  for (std::vector<std::string> command : commands) {
    if (command.back() == "export") {
      std::filesystem::remove_all(folder_ + "/bundle");
    }
    command.push_back("--help");
    const Ran help = run(command);
    EXPECT_EQ(help.exit, kExitGood);
    const auto lines = pawl_lines(help.out.substr(help.out.find("Examples:")));
    EXPECT_GE(lines.size(), 1u) << command.front();
    for (const std::vector<std::string>& arguments : lines) {
      expect_runs(arguments);
    }
  }
}

TEST_F(Examples, OfTheOperationsPagesRun) {
  for (const char* name : {"verify.md", "rules.md"}) {
    std::ifstream file(source_dir() + "/docs/operations/" + name);
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    const auto lines = pawl_lines(fenced(page));
    EXPECT_GE(lines.size(), 4u) << name;
    for (const std::vector<std::string>& arguments : lines) {
      expect_runs(arguments);
    }
    // The rules of the page itself, with their tests.
    const std::size_t yaml = page.find("```yaml\n");
    if (yaml != std::string::npos) {
      write("page.yaml", page.substr(yaml + 8, page.find("```", yaml + 8) - yaml - 8));
      expect_runs({"rules", "test", "page.yaml"});
    }
  }
}

TEST_F(LedgerCommand, AProofThatIsThereIsNotReplacedWithoutAWord) {
  append({call(0, "confirmed"), call(1, "confirmed")});
  ASSERT_EQ(run({"ledger", "prove", "0", "-o", "r"}).exit, kExitGood);
  EXPECT_EQ(run({"ledger", "prove", "0", "-o", "r"}).exit, kExitGood) << "the same again";
  const std::string first = read("r.token");
  const Ran refused = run({"ledger", "prove", "1", "-o", "r"});
  EXPECT_EQ(refused.exit, kExitBad);
  EXPECT_TRUE(is_one_line(refused.err)) << refused.err;
  EXPECT_NE(refused.err.find("r.token exists and holds something else; --force"), std::string::npos)
      << refused.err;
  EXPECT_EQ(read("r.token"), first);
  EXPECT_EQ(run({"ledger", "prove", "1", "-o", "r", "--force"}).exit, kExitGood);
  EXPECT_NE(read("r.token"), first);
}

}  // namespace
}  // namespace pawl
