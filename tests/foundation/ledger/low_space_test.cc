// The low-space watermark: what was begun has room for its outcome, whatever is begun beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "foundation/ledger/frame.h"
#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

// Files on a disk of `capacity` bytes: what makes a file longer takes of it, and fails without
// room. It tells what is free, as statvfs does.
class SmallDisk final : public Files {
 public:
  SmallDisk(Files& files, std::uint64_t capacity) : files_(files), left_(capacity) {}
  std::uint64_t left() const { return left_; }
  std::uint64_t refused() const { return refused_; }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    Result<std::unique_ptr<File>> file = files_.open(path, mode);
    return file ? Result<std::unique_ptr<File>>(std::make_unique<Handle>(*this, *std::move(file)))
                : Result<std::unique_ptr<File>>(fail(file.error()));
  }
  Status make_directory(const std::string& path) override { return files_.make_directory(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return files_.list(path);
  }
  bool exists(const std::string& path) override { return files_.exists(path); }
  Status rename(const std::string& from, const std::string& to) override {
    left_ += size_of(to);
    return files_.rename(from, to);
  }
  Status remove(const std::string& path) override {
    left_ += size_of(path);
    return files_.remove(path);
  }
  Status sync_directory(const std::string& path, CallSite from) override {
    return files_.sync_directory(path, from);
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                         const std::string& note) override {
    return files_.lock(path, note);
  }
  Result<std::uint64_t> free_bytes(const std::string&) override { return left_; }

 private:
  struct Handle final : File {
    Handle(SmallDisk& on, std::unique_ptr<File> of) : disk(on), file(std::move(of)) {}
    Result<std::string> read_at(std::uint64_t offset, std::size_t count) override {
      return file->read_at(offset, count);
    }
    Status write_at(std::uint64_t offset, std::string_view bytes) override {
      const std::uint64_t end = offset + bytes.size();
      const std::uint64_t now = file->size().value_or(0);
      const std::uint64_t more = end > now ? end - now : 0;
      if (more > disk.left_) {
        ++disk.refused_;
        return fail(Code::kIo, "No space left on device");
      }
      disk.left_ -= more;
      return file->write_at(offset, bytes);
    }
    Status sync(CallSite from) override { return file->sync(from); }
    Result<std::uint64_t> size() override { return file->size(); }
    Status truncate(std::uint64_t size) override {
      const std::uint64_t now = file->size().value_or(0);
      disk.left_ += now > size ? now - size : 0;
      return file->truncate(size);
    }
    SmallDisk& disk;
    std::unique_ptr<File> file;
  };
  std::uint64_t size_of(const std::string& path) {
    Result<std::unique_ptr<File>> file = files_.open(path, OpenMode::kRead);
    return file ? (*file)->size().value_or(0) : 0;
  }

  Files& files_;
  std::uint64_t left_;
  std::uint64_t refused_ = 0;
};

// One run of one seed: calls begin and end at random, with outcomes of up to the largest size,
// until nothing may begin any more; then everything that is open ends.
class Life {
 public:
  Life(std::uint64_t seed, std::size_t segment_bytes) : random_(seed) {
    rig_.settings.threads = false;
    rig_.settings.segment_bytes = segment_bytes;
    rig_.settings.reserve_bytes = 2u << 20;
    disk_ = std::make_unique<SmallDisk>(files_, (8u << 20) + random_.below(24u << 20));
    ledger_ = *rig_.open(*disk_);
  }
  ~Life() { ledger_.reset(); }

  void run() {
    for (int quiet = 0; quiet < 3;) {
      const std::uint64_t refused = refused_;
      for (std::uint64_t left = 1 + random_.below(60); left > 0; --left) {
        begin();
      }
      settle();
      for (std::uint64_t left = random_.below(1 + open_.size() / 6); left > 0; --left) {
        end_one(random_.below(4) == 0 ? kMaxToken : 1 + random_.below(3000));
      }
      settle();
      quiet += refused_ > refused ? 1 : 0;
    }
    closed_while_open_ = !ledger_->closed_because().empty() && !open_.empty();
    while (!open_.empty()) {
      end_one(kMaxToken);  // the worst, each in a batch of its own
      settle();
    }
  }

  void settle() {
    while (ledger_->pump()) {
    }
  }
  void begin() {
    const std::uint64_t number = next_++;
    ledger_->append_intent({test_id(number), std::string(1 + random_.below(2000), 'i')},
                           [this, number](Status begun) {
                             begun ? open_.push_back(number) : static_cast<void>(++refused_);
                           });
  }
  void end_one(std::size_t bytes) {
    std::swap(open_[random_.below(open_.size())], open_.back());
    const std::uint64_t number = open_.back();
    open_.pop_back();
    ++owed_;
    ledger_->append_entry({std::string(bytes, 'o'), test_id(number), true},
                          [this](const Result<EntryRef>& recorded) {
                            EXPECT_TRUE(recorded);
                            --owed_;
                          });
  }

  FaultFiles files_;
  std::unique_ptr<SmallDisk> disk_;
  SeededRandom random_;
  LedgerRig rig_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<std::uint64_t> open_;
  std::uint64_t next_ = 0, refused_ = 0;
  std::int64_t owed_ = 0;
  bool closed_while_open_ = false;
};

TEST(LedgerLowSpace, OutcomesOfBegunCallsAlwaysFit) {
  bool tried = false;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    Life life(seed, seed % 2 == 0 ? 128u * 1024 : 16u << 20);
    life.run();
    EXPECT_EQ(life.owed_, 0) << "seed " << seed << ": an outcome waits for room";
    EXPECT_EQ(life.disk_->refused(), 0u) << "seed " << seed;
    EXPECT_GT(life.refused_, 0u) << "seed " << seed;
    tried |= life.closed_while_open_;
  }
  EXPECT_TRUE(tried);
}

// A log begins with the intents that were open in the log before: their outcomes will come.
TEST(LedgerLowSpace, IntentsOfTheLogBeforeAreTakenWhileOthersAreRefused) {
  FaultFiles files;
  LedgerRig rig;
  rig.settings.threads = false;
  files.set_free_bytes(1000);
  const auto ledger = *rig.open(files);
  ledger->hold("damage");
  for (const bool carried : {false, true}) {
    Status taken = fail(Code::kInternal, "waits");
    ledger->append_intent({test_id(carried ? 1 : 2), "{}", carried},
                          [&](Status answer) { taken = std::move(answer); });
    ledger->pump();
    EXPECT_EQ(taken.has_value(), carried);
  }
  const std::vector<Intent> open = ledger->open_intents();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].id, test_id(1));
}

}  // namespace
}  // namespace pawl::ledger
