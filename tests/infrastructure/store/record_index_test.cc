#include "infrastructure/store/record_index.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <tuple>

#include "base/encoding.h"
#include "base/uuid.h"
#include "infrastructure/store/index_check.h"
#include "infrastructure/store/record_columns.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::store {
namespace {

struct Spoken {
  std::uint64_t number;
  std::string agent, kind, outcome, verb, tool;
  std::int64_t at;
};

std::string token_of(const Spoken& record) {
  const std::string area = record.kind.substr(0, record.kind.find('.'));
  json::Object body{{"agent", record.agent}, {"server", "files"}, {"tool", record.tool}};
  if (!record.outcome.empty()) {
    body["outcome"] = record.outcome;
  }
  if (!record.verb.empty()) {
    body["verb"] = record.verb;
  }
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext["pawl." + area] = std::move(body);
  json::Object claims{{"jti", ledger::test_id(record.number).text()},
                      {"exec_act", record.kind},
                      {"iat", record.at},
                      {"wid", ledger::test_id(90 + record.number % 2).text()}};
  claims["ect_ext"] = std::move(ext);
  return *jose::sign(ledger::LedgerRig::token_key(), "exec+jwt", "k", json::print(claims));
}

const std::vector<Spoken> kRecords = {
    {0, "", "node.started", "", "", "", 100},
    {1, "triage", "tool.call", "confirmed", "", "read", 110},
    {2, "triage", "task.denied", "denied", "tool.call", "write", 120},
    {3, "billing", "tool.call", "unknown", "", "read", 130},
    {4, "triage", "resource.read", "failed", "", "", 140},
};

class RecordIndexTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "index_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void append(const std::vector<Spoken>& records) {
    ledger::LedgerRig rig;
    auto log = rig.open(files_);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    for (const Spoken& record : records) {
      ASSERT_TRUE(append_entry_sync(**log, record.number, token_of(record)).has_value());
    }
  }
  std::unique_ptr<RecordIndex> open() {
    auto index = RecordIndex::open(system_files(), path());
    EXPECT_TRUE(index.has_value()) << index.error().message;
    return index ? *std::move(index) : nullptr;
  }
  std::string path() const { return folder_ + "/index.sqlite"; }
  static std::vector<std::uint64_t> numbers(const std::vector<RecordRow>& rows) {
    std::vector<std::uint64_t> out;
    for (const RecordRow& row : rows) {
      out.push_back(row.index);
    }
    return out;
  }

  FaultFiles files_;  // the ledger's
  std::string folder_;
};

TEST_F(RecordIndexTest, Queries) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  struct Case {
    const char* name;
    RecordFilter filter;
    std::vector<std::uint64_t> found;
  };
  const std::vector<Case> cases = {
      {"everything, newest first", {}, {4, 3, 2, 1, 0}},
      {"agent", {.agent = "triage"}, {4, 2, 1}},
      {"agent is whole", {.agent = "tri"}, {}},
      {"an attempt at SQL", {.agent = "' OR 1=1 --"}, {}},
      {"server", {.server = "files"}, {4, 3, 2, 1, 0}},
      {"tool", {.tool = "read"}, {3, 1}},
      {"verb, also of what was refused", {.verb = "tool.call"}, {3, 2, 1}},
      {"outcome", {.outcome = "unknown"}, {3}},
      {"kind", {.kind = "task.denied"}, {2}},
      {"workflow", {.workflow = ledger::test_id(91).text()}, {3, 1}},
      {"since is included, until is not", {.since = 110, .until = 130}, {2, 1}},
      {"all of them", {.agent = "triage", .verb = "tool.call", .outcome = "denied"}, {2}},
      {"limit", {.limit = 2}, {4, 3}},
      {"limit of nothing is one", {.limit = 0}, {4}},
      {"name", {.name = "read"}, {3, 1}},
      {"every kind of an area", {.area = "task"}, {2}},
      {"an area is whole", {.area = "tas"}, {}},
      {"before", {.agent = "triage", .before = 4}, {2, 1}},
      {"oldest first", {.limit = 3, .oldest_first = true}, {0, 1, 2}},
      {"one agent or one tool",
       {.scope = RecordScope{.agents = {"billing"}, .tools = {{"files", "write"}}}},
       {3, 2}},
      {"a tool of another server", {.scope = RecordScope{.tools = {{"mail", "write"}}}}, {}},
      {"a scope of nothing", {.scope = RecordScope{}}, {}},
      {"a scope and a name", {.name = "read", .scope = RecordScope{.agents = {"triage"}}}, {1}},
  };
  for (const Case& c : cases) {
    const auto rows = index->query(c.filter);
    ASSERT_TRUE(rows.has_value()) << c.name;
    EXPECT_EQ(numbers(*rows), c.found) << c.name;
  }
}

TEST_F(RecordIndexTest, CountsWhatFits) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  EXPECT_EQ(*index->count({.agent = "triage", .limit = 1}), 3u);
  EXPECT_EQ(*index->count({.scope = RecordScope{}}), 0u);
}

// Workflow 90 has the records 0, 2 and 4, workflow 91 has 1 and 3.
TEST_F(RecordIndexTest, IdsByABeginningOrAnEnd) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  const std::string third = hex_encode(bytes_of(ledger::test_id(3)));
  for (const std::string& part : {third, third.substr(23), third.substr(24)}) {
    EXPECT_EQ(index->ids_with(part, 9)->front(), ledger::test_id(3)) << part;
  }
  EXPECT_EQ(index->ids_with(third.substr(24), 9)->size(), 1u);
  EXPECT_EQ(index->ids_with("00000000", 2)->size(), 3u) << "two that begin, one that ends so";
  EXPECT_TRUE(index->ids_with("ffffffff", 9)->empty());
  for (const char* wrong : {"", "000000%3", "' OR 1=1"}) {
    EXPECT_EQ(index->ids_with(wrong, 9).error().code, Code::kInvalidParams) << wrong;
  }
}

TEST_F(RecordIndexTest, WorkflowsByTheirNewestRecord) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  const Result<WorkflowPage> all = index->workflows({}, 10, {});
  ASSERT_TRUE(all.has_value()) << all.error().message;
  ASSERT_EQ(all->rows.size(), 2u);
  const WorkflowRow& first = all->rows[0];
  EXPECT_EQ(first.workflow, ledger::test_id(90).text());
  EXPECT_EQ(first.newest, 4u);
  EXPECT_EQ(first.began, 100);
  EXPECT_EQ(first.last, 140);
  EXPECT_EQ(first.records, 3u);
  EXPECT_EQ(first.agents, (std::map<std::string, std::uint64_t>{{"triage", 2}}));
  EXPECT_EQ(first.outcomes, (std::map<std::string, std::uint64_t>{{"denied", 1}, {"failed", 1}}));
  EXPECT_FALSE(all->before);

  const Result<WorkflowPage> one = index->workflows({}, 1, {});
  ASSERT_EQ(one->rows.size(), 1u);
  ASSERT_EQ(one->before, 4u);
  const Result<WorkflowPage> rest = index->workflows(one->before, 1, {});
  ASSERT_EQ(rest->rows.size(), 1u);
  EXPECT_EQ(rest->rows[0].workflow, ledger::test_id(91).text());
  EXPECT_FALSE(rest->before);

  const Result<WorkflowPage> seen = index->workflows({}, 10, RecordScope{.agents = {"billing"}});
  ASSERT_EQ(seen->rows.size(), 1u);
  EXPECT_EQ(seen->rows[0].records, 1u);
  EXPECT_EQ(seen->rows[0].newest, 3u);
  EXPECT_TRUE(index->workflows({}, 10, RecordScope{})->rows.empty());
}

TEST(RecordRow, HasTheBasisOfEachParentAndTheResource) {
  const std::string one = ledger::test_id(1).text(), two = ledger::test_id(2).text();
  const SigningKey& key = ledger::LedgerRig::token_key();
  const auto row = read_record_row(
      0, *jose::sign(key, "exec+jwt", "k",
                     R"({"jti":")" + ledger::test_id(9).text() +
                         R"(","exec_act":"resource.read","pred":["x",")" + one + R"(",")" + one +
                         R"(",")" + two + R"("],"ect_ext":{"pawl.profile":"urn:pawl:profile:1",)" +
                         R"("pawl.resource":{"resource":"file:///a","basis":)" +
                         R"(["declared","inferred","traced","new"]}}})"));
  ASSERT_TRUE(row.has_value()) << row.error().message;
  EXPECT_EQ(row->parents.size(), 2u);
  EXPECT_EQ(row->basis, "i?");
  EXPECT_EQ(row->name(), "file:///a");
  EXPECT_EQ(basis_word('i'), "inferred");
  EXPECT_EQ(basis_word('?'), "unknown");
}

TEST_F(RecordIndexTest, IsForItsOwnerAlone) {
  append(kRecords);
  const auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger"));
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms(077),
              std::filesystem::perms::none)
        << file.path();
  }
}

TEST_F(RecordIndexTest, FindsById) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  const auto row = index->find(ledger::test_id(2));
  ASSERT_TRUE(row.has_value() && row->has_value());
  EXPECT_EQ((*row)->index, 2u);
  EXPECT_EQ((*row)->agent, "triage");
  EXPECT_EQ((*row)->kind, "task.denied");
  EXPECT_EQ((*row)->outcome, "denied");
  EXPECT_EQ((*row)->at, 120);
  EXPECT_EQ((*row)->id, ledger::test_id(2));
  const auto nothing = index->find(ledger::test_id(77));
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing->has_value());
}

// The record that stands for a token is found under the token's id, and is a node under it.
TEST_F(RecordIndexTest, FindsTokensOfOthers) {
  append(kRecords);
  const Uuid token = ledger::test_id(50);
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext["pawl.token"] = json::Object{{"agent", "triage"},   {"iss", "https://planner.example"},
                                   {"id", token.text()},  {"iat", 7},
                                   {"payload", "digest"}, {"level", "L2"},
                                   {"approved", false}};
  json::Object claims{{"jti", ledger::test_id(5).text()},
                      {"exec_act", "token.received"},
                      {"iat", 150},
                      {"pred", json::Array{ledger::test_id(51).text()}}};
  claims["ect_ext"] = std::move(ext);
  {
    ledger::LedgerRig rig;
    auto log = rig.open(files_);
    ASSERT_TRUE(append_entry_sync(
        **log, 5,
        *jose::sign(ledger::LedgerRig::token_key(), "exec+jwt", "k", json::print(claims))));
  }
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger"));
  const auto row = index->find_token(token);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->id, ledger::test_id(5));
  EXPECT_EQ((*row)->issuer, "https://planner.example");
  EXPECT_EQ((*row)->payload, "digest");
  EXPECT_EQ((*row)->token_at, 7);
  EXPECT_EQ((*row)->level, ect::Level::kL2);
  EXPECT_FALSE((*row)->approved);
  EXPECT_FALSE(*index->find(token));
  EXPECT_FALSE(*index->find_token(ledger::test_id(5)));
  EXPECT_FALSE(*index->find_token(Uuid{})) << "the others stand for none";
  EXPECT_EQ(*index->ids_with(hex_encode(bytes_of(token)).substr(24), 9), std::vector{token});
  std::vector<Uuid> nodes;
  ASSERT_TRUE(index->each_edge([&](const GraphRow& edge) { nodes.push_back(edge.id); }));
  EXPECT_EQ(nodes.back(), token);
}

TEST_F(RecordIndexTest, CatchesUpAfterMoreWasAppended) {
  append({kRecords[0], kRecords[1]});
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  append({kRecords[2], kRecords[3]});
  auto other = open();  // another process
  ASSERT_TRUE(other->catch_up(files_, "ledger").has_value());
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  EXPECT_EQ(*index->size(), 4u);
  EXPECT_EQ(index->query({})->size(), 4u);
}

TEST_F(RecordIndexTest, IsBuiltAnewForAnotherLedger) {
  append(kRecords);
  auto index = open();
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  for (const auto& [name, records] : std::vector<std::pair<std::string, std::vector<Spoken>>>{
           {"shorter", {kRecords[1]}},
           {"of the same length",
            {kRecords[4], kRecords[3], kRecords[2], kRecords[1], kRecords[0]}}}) {
    FaultFiles fresh;
    ledger::LedgerRig rig;
    auto log = rig.open(fresh);
    for (const Spoken& record : records) {
      ASSERT_TRUE(append_entry_sync(**log, record.number, token_of(record)).has_value());
    }
    ASSERT_TRUE(index->catch_up(fresh, "ledger").has_value()) << name;
    EXPECT_EQ(*index->size(), records.size()) << name;
    EXPECT_EQ(index->query({})->back().id, ledger::test_id(records.front().number)) << name;
  }
}

TEST_F(RecordIndexTest, ADamagedFileIsMadeAgain) {
  append(kRecords);
  ASSERT_TRUE(write_file(system_files(), path(), std::string(8192, 'x')).has_value());
  auto index = open();
  ASSERT_NE(index, nullptr);
  ASSERT_TRUE(index->catch_up(files_, "ledger").has_value());
  EXPECT_EQ(*index->size(), kRecords.size());
}

TEST_F(RecordIndexTest, NoLedgerAndNoFolderAreErrors) {
  auto index = open();
  EXPECT_EQ(index->catch_up(files_, "nowhere").error().code, Code::kNotFound);
  EXPECT_EQ(RecordIndex::open(system_files(), folder_ + "/no/index.sqlite").error().code,
            Code::kIo);
}

TEST(RecordRow, ReadsOnlyTokensWithAUuid) {
  const SigningKey& key = ledger::LedgerRig::token_key();
  EXPECT_FALSE(read_record_row(0, "nonsense").has_value());
  EXPECT_FALSE(read_record_row(0, *jose::sign(key, "exec+jwt", "k", R"({"jti":"x"})")).has_value());
  // A deployment's own task name is no Pawl record: its body says nothing here.
  const auto row = read_record_row(
      7, *jose::sign(key, "exec+jwt", "k",
                     R"({"jti":"01890a5d-ac96-774b-bcce-b302099a8057","exec_act":"tool.call",)"
                     R"("ect_ext":{"pawl.tool":{"agent":"mallory"}}})"));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->index, 7u);
  EXPECT_EQ(row->kind, "tool.call");
  EXPECT_EQ(row->agent, "");
}

TEST(RecordRow, IsApprovedWhenNothingElseWasDecided) {
  const SigningKey& key = ledger::LedgerRig::token_key();
  for (const auto& [ext, approved] : {std::pair{"{}", true},
                                      {R"({"pol_decision":"approved"})", true},
                                      {R"({"pol_decision":"rejected"})", false},
                                      {R"({"pol_decision":"pending_human_review"})", false},
                                      {R"({"pol_decision":7})", false}}) {
    const auto row = read_record_row(
        0, *jose::sign(key, "exec+jwt", "k",
                       R"({"jti":"01890a5d-ac96-774b-bcce-b302099a8057","exec_act":"tool.call",)"
                       R"("ect_ext":)" +
                           std::string(ext) + "}"));
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->approved, approved) << ext;
  }
}

// regression: for people an attempt that waited was "denied", and nobody's
TEST(RecordRow, TellsWhatWaitsAndWhoseCallIsAskedAbout) {
  const auto row_of = [](const std::string& act, const std::string& ext) {
    return read_record_row(
        0, *jose::sign(ledger::LedgerRig::token_key(), "exec+jwt", "k",
                       R"({"jti":"01890a5d-ac96-774b-bcce-b302099a8057","exec_act":")" + act +
                           R"(","ect_ext":{"pawl.profile":"urn:pawl:profile:1",)" + ext + "}}"));
  };
  for (const auto& [decision, outcome, shown] :
       {std::tuple{"pending_human_review", "denied", "held"},
        {"rejected", "denied", "denied"},
        {"pending_human_review", "unknown", "unknown"}}) {
    const auto row = row_of("task.denied", R"("pol_decision":")" + std::string(decision) +
                                               R"(","pawl.task":{"outcome":")" + outcome + "\"}");
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->outcome, shown) << decision;
  }
  for (const auto& [verb, tool, resource] :
       {std::tuple{"tool.call", "pay", ""}, {"resource.read", "", "pay"}}) {
    const auto row =
        row_of("approval.requested", R"("pawl.approval":{"binding":{"agent":"a","server":"s",)"
                                     R"("verb":")" +
                                         std::string(verb) + R"(","name":"pay"}})");
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(
        (std::tuple{row->agent, row->server, row->tool, row->resource}),
        (std::tuple<std::string, std::string, std::string, std::string>{"a", "s", tool, resource}));
  }
}

// Whoever may write the folder may write the index.
TEST_F(RecordIndexTest, AChangedRowAMissingOneAndAnInventedOneAreFound) {
  append(kRecords);
  struct Case {
    const char* sql;
    const char* in_rows;   // what check_rows() says of all rows; empty: nothing
    const char* in_index;  // what check_index() says
  };
  const Case cases[] = {
      {"UPDATE records SET agent = 'billing' WHERE idx = 1", "entry 1: the index has another agent",
       "entry 1: the index has another agent"},
      {"UPDATE records SET outcome = 'confirmed' WHERE idx = 2",
       "entry 2: the index has another outcome", "entry 2: the index has another outcome"},
      {"UPDATE records SET at = 1 WHERE idx = 3", "entry 3: the index has another at",
       "entry 3: the index has another at"},
      {"UPDATE records SET id = x'00' WHERE idx = 4", "entry 4: the index has another id",
       "entry 4: the index has another id"},
      {"UPDATE records SET server = '', tool = '', verb = 'x', kind = 'x', workflow = 'x'",
       "entry 0: the index has another kind", "entry 0: the index has another kind"},
      {"UPDATE records SET token = x'01890a5dac96774bbcceb302099a8057' WHERE idx = 1",
       "entry 1: the index has another token", "entry 1: the index has another token"},
      {"UPDATE records SET payload = 'x' WHERE idx = 1", "entry 1: the index has another payload",
       "entry 1: the index has another payload"},
      {"DELETE FROM records WHERE idx = 2", "", "entry 2: the index has no row of it"},
      {"DELETE FROM records", "", "entry 0: the index has no row of it"},
      {"UPDATE records SET idx = 7 WHERE idx = 4",
       "entry 7: the index has a row of it, and the ledger has no such entry",
       "entry 4: the index has no row of it"},
  };
  for (const Case& c : cases) {
    for (const char* part : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path() + part);
    }
    const std::unique_ptr<RecordIndex> index = open();
    ASSERT_TRUE(index->catch_up(files_, "ledger"));
    ASSERT_TRUE(check_index(*index, files_, "ledger")) << c.sql;
    ASSERT_TRUE(check_rows(files_, "ledger", *index->query({}))) << c.sql;
    ASSERT_TRUE(Database::open(folder_ + "/index.sqlite")->run(c.sql)) << c.sql;
    const Status rows = check_rows(files_, "ledger", *index->query({}));
    EXPECT_EQ(rows ? "" : rows.error().message, c.in_rows) << c.sql;
    const Status whole = check_index(*index, files_, "ledger");
    ASSERT_FALSE(whole) << c.sql;
    EXPECT_EQ(whole.error().code, Code::kBadSignature) << c.sql;
    EXPECT_EQ(whole.error().message, c.in_index) << c.sql;
    ASSERT_TRUE(index->clear());
    ASSERT_TRUE(index->catch_up(files_, "ledger"));
    EXPECT_TRUE(check_index(*index, files_, "ledger")) << c.sql;
  }
}

}  // namespace
}  // namespace pawl::store
