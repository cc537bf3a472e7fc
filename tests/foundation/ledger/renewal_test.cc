// Going on as a new log: wherever a crash interrupts it, the next start has either the old log or
// the new one, and never a fresh one that knows nothing.
#include "foundation/ledger/renewal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/fault_files.h"

namespace pawl::ledger {
namespace {

namespace fs = std::filesystem;

// The system's files until call `last`; every later change fails, as after a kill.
class Interrupted final : public Files {
 public:
  explicit Interrupted(int last) : left_(last) {}
  bool used_up() const { return left_ < 0; }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    return mode == OpenMode::kRead || go() ? real_.open(path, mode) : dead();
  }
  Status make_directory(const std::string& path) override {
    return go() ? real_.make_directory(path) : Status(dead());
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return real_.list(path);
  }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Status rename(const std::string& from, const std::string& to) override {
    return go() ? real_.rename(from, to) : Status(dead());
  }
  Status remove(const std::string& path) override {
    return go() ? real_.remove(path) : Status(dead());
  }
  Status sync_directory(const std::string& path, CallSite from) override {
    return go() ? real_.sync_directory(path, from) : Status(dead());
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                         const std::string& note) override {
    return real_.lock(path, note);
  }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    return real_.free_bytes(path);
  }

 private:
  bool go() { return --left_ >= 0; }
  static tl::unexpected<Error> dead() { return fail(Code::kIo, "killed"); }
  Files& real_ = system_files();
  int left_;
};

struct Renewal : testing::Test {
  void SetUp() override {
    root = testing::TempDir() + "pawl_renewal";
    fs::remove_all(root);
    fs::create_directories(root + "/ledger/segments");
    ASSERT_TRUE(write_file(system_files(), root + "/ledger/old", "old"));
  }
  Status renew(Files& files) {
    Status done = prepare_renewal(files, root, opened);
    return done ? switch_logs(files, root, 1) : done;
  }
  bool old_is_current() { return fs::exists(root + "/ledger/old"); }

  std::string root;
  const Opened opened{2,
                      "example.org/pawl/gw1",
                      700,
                      650,
                      "a\nnote\n",
                      R"({"stops":[]})",
                      {{*Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057"), "{}"}}};
};

TEST_F(Renewal, FreezesTheOldLogAndOpensTheNew) {
  Files& files = system_files();
  ASSERT_TRUE(renew(files));
  EXPECT_TRUE(fs::exists(root + "/ledgers/000001/old"));
  EXPECT_FALSE(fs::exists(root + "/ledger.next"));
  const auto read = read_opened(files, root + "/ledger");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->number, 2u);
  EXPECT_EQ((*read)->origin_before, opened.origin_before);
  EXPECT_EQ((*read)->size_before, 700u);
  EXPECT_EQ((*read)->checkpoint_before, opened.checkpoint_before);
  EXPECT_EQ((*read)->kept_before, 650u);
  EXPECT_EQ((*read)->decisions, opened.decisions);
  ASSERT_EQ((*read)->open_intents.size(), 1u);
  EXPECT_EQ((*read)->open_intents[0].id, opened.open_intents[0].id);
  EXPECT_TRUE((*read)->open_intents[0].carried);
  EXPECT_EQ(frozen_logs(files, root), std::vector<std::uint64_t>{1});
}

TEST_F(Renewal, APreparedLogWhoseOldOneIsNotHereIsNotTaken) {
  Files& files = system_files();
  ASSERT_TRUE(prepare_renewal(files, root, opened));
  fs::remove_all(root + "/ledger");
  ASSERT_TRUE(settle_renewal(files, root));
  EXPECT_FALSE(fs::exists(root + "/ledger"));
}

TEST_F(Renewal, AFrozenLogIsNeverReplaced) {
  fs::create_directories(root + "/ledgers/000001");
  const Status done = prepare_renewal(system_files(), root, opened);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_TRUE(old_is_current());
}

TEST_F(Renewal, InterruptedAtEveryCallLeavesTheOldLogOrTheNew) {
  bool saw_old = false;
  bool saw_new = false;
  for (int last = 0;; ++last) {
    SetUp();
    Interrupted files(last);
    const Status done = renew(files);
    ASSERT_TRUE(settle_renewal(system_files(), root)) << last;
    if (old_is_current()) {
      saw_old = true;
      EXPECT_FALSE(done) << last;
      // Nothing looks at what was prepared, and it can be tried again.
      EXPECT_TRUE(renew(system_files())) << last;
    } else {
      saw_new = true;
    }
    const auto read = read_opened(system_files(), root + "/ledger");
    ASSERT_TRUE(read && *read) << last;
    EXPECT_TRUE(fs::exists(root + "/ledgers/000001/old")) << last;
    if (!files.used_up()) {
      EXPECT_TRUE(done) << last;
      break;
    }
  }
  EXPECT_TRUE(saw_old && saw_new);
}

// On a disk in memory, killed behind the first rename and before anything made it durable.
std::unique_ptr<FaultFiles> killed_between_renames(const Opened& opened) {
  FaultFiles files;
  files.put("data/ledger/old", "old");
  files.put("data/ledger/segments/1", "old");
  EXPECT_TRUE(prepare_renewal(files, "data", opened));
  files.set_hook([&](const FaultFiles::Call& call) {
    if (call.path == "data/ledgers" && call.operation == FaultFiles::Operation::kSyncDirectory) {
      files.cut_power_at(call.number);
    }
  });
  EXPECT_FALSE(switch_logs(files, "data", 1));
  files.set_hook(nullptr);
  return files.kill();
}

TEST_F(Renewal, ASwitchThatTheNextStartEndsLosesNoLogInAPowerCut) {
  const std::unique_ptr<FaultFiles> next = killed_between_renames(opened);
  ASSERT_TRUE(settle_renewal(*next, "data"));
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::unique_ptr<FaultFiles> after = next->power_cut(seed);
    ASSERT_TRUE(settle_renewal(*after, "data"));
    EXPECT_EQ(after->contents("data/ledgers/000001/old"), "old") << seed;
    EXPECT_TRUE(after->contents("data/ledger/opened.json")) << seed;
  }
}

TEST_F(Renewal, ADiskThatFailsForAMomentBeginsNoNewLog) {
  for (std::uint64_t call = 1;; ++call) {
    const std::unique_ptr<FaultFiles> files = killed_between_renames(opened);
    files->fail_at(call, FaultFiles::Fault::kIo);
    const Status settled = settle_renewal(*files, "data");
    EXPECT_TRUE(!settled || files->contents("data/ledger/opened.json")) << call;
    if (files->faulted().empty()) {
      break;
    }
  }
}

TEST_F(Renewal, ReadsOnlyWhatItKnows) {
  Files& files = system_files();
  auto none = read_opened(files, root + "/ledger");
  EXPECT_TRUE(none && !*none);
  const auto with = [&](const std::string& text) {
    EXPECT_TRUE(write_file(files, root + "/ledger/opened.json", text));
    const auto read = read_opened(files, root + "/ledger");
    return read ? std::string("read") : std::string(code_name(read.error().code));
  };
  EXPECT_EQ(with("{"), code_name(Code::kMalformed));
  EXPECT_EQ(with(R"({"format":"pawl.opened/2"})"), code_name(Code::kUnsupported));
  EXPECT_EQ(with(R"({"format":"pawl.opened/1","number":1})"), code_name(Code::kMalformed));
  EXPECT_EQ(log_origin("a/b/c", 1), "a/b/c");
  EXPECT_EQ(log_origin("a/b/c", 3), "a/b/c/3");
  EXPECT_EQ(log_name("a/b/c/3").first_origin, "a/b/c");
  EXPECT_EQ(log_name("a/b/c/3").number, 3u);
  for (const char* first : {"a/b/3", "a/b/c/d", "a/b/c/1", "x"}) {
    EXPECT_EQ(log_name(first).first_origin, first);
    EXPECT_EQ(log_name(first).number, 1u);
  }
}

}  // namespace
}  // namespace pawl::ledger
