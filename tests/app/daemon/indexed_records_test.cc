#include "app/daemon/indexed_records.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "foundation/jose/jws.h"
#include "foundation/ledger/renewal.h"
#include "infrastructure/store/sqlite.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl {
namespace {

class IndexedRecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "indexed_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/ledger");
  }

  static std::string token(std::uint64_t number, std::string_view decision,
                           std::string_view level) {
    json::Object body{{"agent", "triage"}, {"outcome", "confirmed"}};
    if (!level.empty()) {
      body["level"] = level;
    }
    json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}, {"pol", "p"}};
    ext["pol_decision"] = decision;
    ext["pawl.tool"] = std::move(body);
    json::Object claims{{"jti", ledger::test_id(number).text()},
                        {"exec_act", "tool.call"},
                        {"iat", static_cast<std::int64_t>(1000 + number)},
                        {"wid", ledger::test_id(90).text()}};
    claims["ect_ext"] = std::move(ext);
    return *jose::sign(ledger::LedgerRig::token_key(), "exec+jwt", "k", json::print(claims));
  }
  void append(std::initializer_list<std::uint64_t> numbers, std::string_view decision = "approved",
              std::string_view level = "") {
    for (const std::uint64_t number : numbers) {
      append_token(number, token(number, decision, level));
    }
  }
  void append_token(std::uint64_t number, const std::string& text) {
    ledger::LedgerRig rig;
    rig.settings.reserve_bytes = 0;
    ledger::Recovery recovery;
    auto log = ledger::Ledger::open(
        system_files(), root_ + "/ledger", ledger::LedgerRig::log_key(), rig.clock,
        [](std::function<void()> call) { call(); }, rig.settings, 1,
        [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_TRUE(append_entry_sync(**log, number, text));
  }  // published when it closes
  void freeze(std::uint64_t entries) {
    const std::string checkpoint = *read_file(system_files(), root_ + "/ledger/checkpoint", 4096);
    const ledger::Opened opened{2, "example.org/pawl/test", entries, entries, checkpoint, "{}", {}};
    ASSERT_TRUE(ledger::prepare_renewal(system_files(), root_, opened));
    ASSERT_TRUE(ledger::switch_logs(system_files(), root_, 1));
  }
  std::unique_ptr<IndexedRecords> open() {
    return std::make_unique<IndexedRecords>(system_files(), DataFolder{root_},
                                            std::chrono::milliseconds(5));
  }

  std::string root_;
};

TEST_F(IndexedRecordsTest, FindsWhatWasRecordedBeforeAndMeanwhile) {
  append({1, 2});
  const auto records = open();
  records->wait_until_current();
  ASSERT_TRUE(records->find(ledger::test_id(2)));
  EXPECT_EQ(records->find(ledger::test_id(2))->index, 1U);
  EXPECT_FALSE(records->find(ledger::test_id(3)));
  append({3});
  records->wait_until_current();
  EXPECT_TRUE(records->find(ledger::test_id(3)));
}

TEST_F(IndexedRecordsTest, TellsWhatTheGraphAsks) {
  append({1});
  append({2}, "rejected", "L2");
  const auto records = open();
  records->wait_until_current();
  const std::optional<RecordedTask> one = records->look_up(ledger::test_id(1));
  const std::optional<RecordedTask> two = records->look_up(ledger::test_id(2));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->iat, 1001);
  EXPECT_EQ(one->workflow, ledger::test_id(90));
  EXPECT_TRUE(one->approved);
  EXPECT_EQ(one->level, ect::Level::kL3);
  EXPECT_FALSE(two->approved);
  EXPECT_EQ(two->level, ect::Level::kL2);
  EXPECT_FALSE(records->look_up(ledger::test_id(3)));
}

// And of a token of somebody else, under its own id, once all that was published is there.
TEST_F(IndexedRecordsTest, TellsWhatIsKnownOfTokensOfOthers) {
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  ext["pawl.token"] = json::Object{{"iss", "https://planner.example"},
                                   {"id", ledger::test_id(50).text()},
                                   {"iat", 7},
                                   {"payload", "digest"},
                                   {"level", "L2"}};
  json::Object claims{{"jti", ledger::test_id(1).text()},
                      {"exec_act", "token.received"},
                      {"iat", 1001},
                      {"wid", ledger::test_id(90).text()}};
  claims["ect_ext"] = std::move(ext);
  append_token(1,
               *jose::sign(ledger::LedgerRig::token_key(), "exec+jwt", "k", json::print(claims)));
  const auto records = open();
  records->wait_until_current();
  EXPECT_TRUE(records->ready());
  const std::optional<RecordedTask> task = records->look_up(ledger::test_id(50));
  ASSERT_TRUE(task);
  EXPECT_EQ(task->issuer, "https://planner.example");
  EXPECT_EQ(task->payload, "digest");
  EXPECT_EQ(task->iat, 7) << "the token's, not the record's";
  EXPECT_EQ(task->level, ect::Level::kL2);
  EXPECT_EQ(task->workflow, ledger::test_id(90));
  EXPECT_EQ(records->look_up(ledger::test_id(1))->issuer, "");
}

// The index goes with its log, complete, and both are looked in.
TEST_F(IndexedRecordsTest, ASwitchOfTheLogLosesNothing) {
  append({1, 2});
  const auto records = open();
  records->wait_until_current();
  append({3});
  freeze(3);
  records->log_switched(1);
  append({4});
  records->wait_until_current();
  for (const std::uint64_t number : {1U, 2U, 3U, 4U}) {
    ASSERT_TRUE(records->find(ledger::test_id(number))) << number;
  }
  EXPECT_EQ(records->find(ledger::test_id(3))->log, 1U);
  EXPECT_EQ(records->find(ledger::test_id(4))->log, 0U);
  EXPECT_TRUE(std::filesystem::exists(root_ + "/ledgers/000001/index.sqlite"));
}

// A pass between the renames of a switch finds no log, or the next one.
TEST_F(IndexedRecordsTest, PassesDuringASwitchLoseNothing) {
  append({1, 2});
  const auto records = open();
  records->wait_until_current();
  append({3});
  freeze(3);
  append({4});
  records->wait_until_current();
  records->log_switched(1);
  records->wait_until_current();
  for (const std::uint64_t number : {1U, 2U, 3U, 4U}) {
    EXPECT_TRUE(records->find(ledger::test_id(number))) << number;
  }
  EXPECT_EQ(records->find(ledger::test_id(3))->log, 1U);
}

TEST_F(IndexedRecordsTest, AfterAStartFrozenLogsAreIndexedToo) {
  append({1, 2});
  freeze(2);
  append({3});
  const auto records = open();
  records->wait_until_current();
  EXPECT_TRUE(records->find(ledger::test_id(1)));
  EXPECT_TRUE(records->find(ledger::test_id(3)));
}

// Another process that writes for long makes no call wait.
TEST_F(IndexedRecordsTest, AWriterIsNotWaitedFor) {
  append({1});
  const auto records = open();
  records->wait_until_current();
  ASSERT_TRUE(records->find(ledger::test_id(1)));
  Result<store::Database> other = store::Database::open(root_ + "/index.sqlite");
  ASSERT_TRUE(other);
  const Result<store::Transaction> transaction = store::Transaction::begin(*other);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(other->run("DELETE FROM records"));
  EXPECT_TRUE(records->find(ledger::test_id(1))) << "as it was before that transaction";
}

TEST_F(IndexedRecordsTest, WithoutALedgerNothingIsThere) {
  const auto records = open();
  records->wait_until_current();
  EXPECT_FALSE(records->find(ledger::test_id(1)));
  EXPECT_FALSE(records->ready());
}

}  // namespace
}  // namespace pawl
