// Readers of the log's entries: the API with its desk behind it, over a real ledger.
#include "app/daemon/entry_desk.h"

#include <gtest/gtest.h>

#include "app/api/entries_api.h"
#include "foundation/ledger/tiles.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl {
namespace {

using ledger::LedgerRig;

constexpr std::string_view kKey = "a-reader's-key-of-32-characters-or-more";
constexpr std::uint64_t kEntries = 300;

// Runs what the desk posts where the desk posts it: the tests wait for the answers.
class PostsAtOnce final : public Scheduler {
 public:
  void post(std::function<void()> task) override { task(); }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds, std::function<void()>) override {
    return nullptr;
  }
};

class PlayedWriter final : public http::ResponseWriter {
 public:
  void send(http::Response response) override {
    MutexLock lock(mutex_);
    answer_ = std::move(response);
    changed_.notify_all();
  }
  http::Response wait() {
    MutexLock lock(mutex_);
    while (!answer_) {
      changed_.wait(mutex_);
    }
    return *answer_;
  }
  bool is_answered() {
    MutexLock lock(mutex_);
    return answer_.has_value();
  }
  void send_gated(http::Response, std::shared_ptr<WriteGate>) override {}
  void start_stream(int, http::Headers) override {}
  void write(std::string, std::shared_ptr<WriteGate>) override {}
  void finish() override {}
  void abort() override {}
  bool charge(const std::string&) override { return true; }
  bool is_open() const override { return true; }
  std::size_t queued_bytes() const override { return 0; }
  void on_drained(std::function<void()>) override {}
  void on_disconnect(std::function<void()>) override {}

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<http::Response> answer_;
};

struct EntryReaders : testing::Test {
  FaultFiles files;
  LedgerRig rig;
  std::unique_ptr<ledger::Ledger> log;
  PostsAtOnce scheduler;
  std::unique_ptr<EntryDesk> desk = std::make_unique<EntryDesk>(files, scheduler);
  EntriesApi api{{{"auditor", std::string(kKey)}},
                 [this](const ledger::TileName& name, const EntriesApi::Done& done) {
                   desk->ask({"log", "ledger", log->size()}, name, done);
                 }};

  void SetUp() override {
    log = *rig.open(files);
    ledger::Waiter waiter;
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      log->append_entry({"entry " + std::to_string(i), ledger::test_id(i), false},
                        [&](Result<ledger::EntryRef>) { waiter.arrive(); });
    }
    waiter.wait(kEntries);
  }
  std::shared_ptr<PlayedWriter> ask(std::string_view path, std::string_view authorization) {
    auto writer = std::make_shared<PlayedWriter>();
    http::Request request;
    request.method = "GET";
    if (!authorization.empty()) {
      request.headers.set("Authorization", authorization);
    }
    api.handle(request, path, writer);
    return writer;
  }
};

TEST_F(EntryReaders, OnlyAReadersKeyOpensThem) {
  const std::string bearer = "Bearer " + std::string(kKey);
  const std::string longer = bearer + "x", shorter = bearer.substr(0, bearer.size() - 1);
  const std::string other_scheme = "Basic " + std::string(kKey);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer "), longer, shorter, other_scheme, std::string(kKey)}) {
    const http::Response refusal = ask("tile/entries/000", wrong)->wait();
    EXPECT_EQ(refusal.status, 401) << wrong;
    EXPECT_TRUE(refusal.headers.has("WWW-Authenticate"));
    EXPECT_EQ(refusal.body.find("entry 0"), std::string::npos);
  }
  EXPECT_EQ(api.counters().refused, 6u);
  EXPECT_EQ(ask("tile/entries/000", bearer)->wait().status, 200);
  EXPECT_EQ(api.counters().read, 1u);
}

TEST_F(EntryReaders, AreNobodyWithoutConfiguration) {
  EntriesApi nobody({}, [](const ledger::TileName&, const EntriesApi::Done&) { FAIL(); });
  const auto writer = std::make_shared<PlayedWriter>();
  http::Request request;
  request.headers.set("Authorization", "Bearer ");
  nobody.handle(request, "tile/entries/000", writer);
  EXPECT_EQ(writer->wait().status, 401);
}

TEST_F(EntryReaders, GetTheBundlesThatTheLogWouldGive) {
  const std::string bearer = "Bearer " + std::string(kKey);
  for (const std::string& path :
       {std::string("tile/entries/000"), std::string("tile/entries/000.p/5"),
        std::string("tile/entries/001.p/44")}) {
    const http::Response answer = ask(path, bearer)->wait();
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, *log->resource(path)) << path;
  }
  for (const std::string& path :
       {std::string("tile/entries/001"), std::string("tile/entries/002"),
        std::string("tile/entries/001.p/45"), std::string("tile/entries/x001/000"),
        std::string("tile/entries/"), std::string("tile/entries/0")}) {
    EXPECT_EQ(ask(path, bearer)->wait().status, 404) << path;
  }
}

// The desk's thread stands still in the first answer, so that what is asked meanwhile waits.
TEST_F(EntryReaders, AreRefusedWhenTooManyWait) {
  Mutex mutex;
  CondVar changed;
  bool is_held = false, may_go_on = false;
  std::size_t answered = 0, overloaded = 0;
  const auto count = [&](Result<std::string> bundle) {
    MutexLock lock(mutex);
    bundle ? ++answered : ++overloaded;
    EXPECT_TRUE(bundle || bundle.error().code == Code::kOverloaded);
    changed.notify_all();
  };
  const ledger::TileName first{std::nullopt, 0, 256};
  desk->ask({"log", "ledger", kEntries}, first, [&](Result<std::string>) {
    MutexLock lock(mutex);
    is_held = true;
    changed.notify_all();
    while (!may_go_on) {
      changed.wait(mutex);
    }
  });
  {
    MutexLock lock(mutex);
    while (!is_held) {
      changed.wait(mutex);
    }
  }
  for (std::size_t i = 0; i < EntryDesk::kMaxWaiting + 3; ++i) {
    desk->ask({"log", "ledger", kEntries}, first, count);
  }
  MutexLock lock(mutex);
  EXPECT_EQ(overloaded, 3u);
  may_go_on = true;
  changed.notify_all();
  while (answered < EntryDesk::kMaxWaiting) {
    changed.wait(mutex);
  }
}

// The next log stands where the one before stood: what is known of places there is of no use.
TEST_F(EntryReaders, GoOnInTheNextLogOfTheSameFolder) {
  const auto bundle_of = [&](const std::string& name) {
    ledger::Waiter waiter;
    Result<std::string> got = fail(Code::kInternal, "");
    desk->ask({name, "ledger", kEntries}, {std::nullopt, 1, 44}, [&](Result<std::string> bundle) {
      got = std::move(bundle);
      waiter.arrive();
    });
    waiter.wait(1);
    return got;
  };
  ASSERT_TRUE(bundle_of("log"));
  log.reset();
  ASSERT_TRUE(files.rename("ledger", "before"));
  log = *rig.open(files);
  ledger::Waiter waiter;
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    log->append_entry({"another, longer " + std::to_string(i), ledger::test_id(i), false},
                      [&](Result<ledger::EntryRef>) { waiter.arrive(); });
  }
  waiter.wait(kEntries);
  const Result<std::string> bundle = bundle_of("log/2");
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(ledger::parse_bundle(*bundle)->front(), "another, longer 256");
}

TEST_F(EntryReaders, AreDroppedAtTheEnd) {
  bool is_told = false;
  desk->ask({"log", "nowhere", kEntries}, {std::nullopt, 0, 256},
            [&](Result<std::string> bundle) { is_told = !bundle; });
  desk.reset();  // joins, whether it was told or not
  SUCCEED() << is_told;
}

}  // namespace
}  // namespace pawl
