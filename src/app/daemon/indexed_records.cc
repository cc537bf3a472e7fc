#include "app/daemon/indexed_records.h"

#include <utility>

#include "base/log.h"
#include "base/os/background_thread.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/renewal.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxCheckpoint = 64 * 1024;

void tell(const Error& error) {
  log(LogLevel::kError, "record_index", {{"reason", error.message}});
}

std::string frozen_index_path(const DataFolder& folder, std::uint64_t number) {
  return ledger::frozen_folder(folder.root, number) + "/index.sqlite";
}

}  // namespace

IndexedRecords::IndexedRecords(Files& files, DataFolder folder, std::chrono::milliseconds every)
    : files_(files), folder_(std::move(folder)), every_(every), thread_([this] { work(); }) {}

IndexedRecords::~IndexedRecords() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void IndexedRecords::work() {
  become_background_thread();
  for (const std::uint64_t number : ledger::frozen_logs(files_, folder_.root)) {
    complete_frozen(number);
  }
  Index index;
  std::string seen;  // the published checkpoint up to which all is taken in
  while (!ending_) {
    std::vector<std::uint64_t> switched;
    {
      const MutexLock lock(mutex_);
      switched = std::exchange(switched_, {});
    }
    for (const std::uint64_t number : switched) {
      follow_switch(index, number);
      seen.clear();
    }
    Result<std::string> published =
        read_file(files_, ledger::checkpoint_path(folder_.ledger()), kMaxCheckpoint);
    if (published && *published != seen && take_in(index)) {
      seen = *std::move(published);
      is_complete_ = true;
    }
    const MutexLock lock(mutex_);
    can_read_ = switched_.empty();
    ++passes_;
    changed_.notify_all();
    if (!ending_ && switched_.empty()) {
      (void)changed_.wait_for(mutex_, every_);
    }
  }
}

// The index of a frozen log may lack its end, be missing, or be of an older version.
void IndexedRecords::complete_frozen(std::uint64_t number) {
  const Result<Index> index = store::RecordIndex::open(files_, frozen_index_path(folder_, number));
  const Status done = index
                          ? (*index)->catch_up(files_, ledger::frozen_folder(folder_.root, number),
                                               [this] { return !ending_; })
                          : Status(fail(index.error()));
  if (!done) {
    tell(done.error());
  }
}

bool IndexedRecords::take_in(Index& index) {
  Status done;
  if (index == nullptr) {
    Result<Index> opened = store::RecordIndex::open(files_, folder_.index());
    done = opened ? Status{} : Status(fail(opened.error()));
    index = opened ? *std::move(opened) : nullptr;
  }
  if (done) {
    done = index->catch_up(files_, folder_.ledger(), [this] { return !ending_; });
  }
  if (!done) {
    tell(done.error());
    index = nullptr;
  }
  return done.has_value();
}

// What the index lacks of the log's end is taken in from where the log stands now; a pass between
// the renames of the switch may have given the index up, so it is opened anew.
void IndexedRecords::follow_switch(Index& index, std::uint64_t number) {
  index = nullptr;
  // Best effort: without it the next command that needs one builds it.
  (void)files_.rename(folder_.index(), frozen_index_path(folder_, number));
  complete_frozen(number);
}

void IndexedRecords::log_switched(std::uint64_t number) {
  reader_ = nullptr;
  const MutexLock lock(mutex_);
  can_read_ = false;
  switched_.push_back(number);
  changed_.notify_all();
}

void IndexedRecords::open_readers() {
  const auto open = [this](Index& reader, const std::string& path) {
    if (reader == nullptr && files_.exists(path)) {
      reader = store::RecordIndex::open_to_read(path).value_or(nullptr);
    }
  };
  open(reader_, folder_.index());
  for (const std::uint64_t number : ledger::frozen_logs(files_, folder_.root)) {
    open(frozen_[number], frozen_index_path(folder_, number));
  }
}

std::optional<store::RecordRow> IndexedRecords::find(const Uuid& id) {
  return find_by(&store::RecordIndex::find, id);
}

std::optional<store::RecordRow> IndexedRecords::find_by(Find how, const Uuid& id) {
  if (!can_read_) {
    return std::nullopt;
  }
  if (reader_ == nullptr) {
    open_readers();
  }
  const auto found_in = [&](const Index& reader) -> std::optional<store::RecordRow> {
    Result<std::optional<store::RecordRow>> row =
        reader != nullptr ? (reader.get()->*how)(id)
                          : Result<std::optional<store::RecordRow>>(std::nullopt);
    if (!row) {
      tell(row.error());
    }
    return row ? *std::move(row) : std::nullopt;
  };
  if (std::optional<store::RecordRow> row = found_in(reader_)) {
    return row;
  }
  for (auto frozen = frozen_.rbegin(); frozen != frozen_.rend(); ++frozen) {
    if (std::optional<store::RecordRow> row = found_in(frozen->second)) {
      row->log = frozen->first;
      return row;
    }
  }
  return std::nullopt;
}

std::vector<store::RecordRow> IndexedRecords::newest_of(const std::string& agent,
                                                        std::size_t most) {
  if (!can_read_ || agent.empty()) {
    return {};
  }
  if (reader_ == nullptr) {
    open_readers();
  }
  auto rows = reader_ != nullptr ? reader_->query({.agent = agent, .limit = most})
                                 : Result<std::vector<store::RecordRow>>({});
  if (!rows) {
    tell(rows.error());
  }
  return std::move(rows).value_or(std::vector<store::RecordRow>());
}

std::optional<RecordedTask> IndexedRecords::look_up(const Uuid& id) {
  if (const std::optional<store::RecordRow> row = find(id)) {
    return task_of(*row);
  }
  const std::optional<store::RecordRow> received = find_by(&store::RecordIndex::find_token, id);
  if (!received) {
    return std::nullopt;
  }
  RecordedTask task = task_of(*received);
  task.iat = received->token_at;
  task.issuer = received->issuer;
  task.payload = received->payload;
  return task;
}

RecordedTask IndexedRecords::task_of(const store::RecordRow& row) {
  RecordedTask task{.iat = row.at, .level = row.level, .approved = row.approved};
  if (const Result<Uuid> workflow = Uuid::parse(row.workflow)) {
    task.workflow = *workflow;
  }
  return task;
}

void IndexedRecords::wait_until_current() {
  const MutexLock lock(mutex_);
  const std::uint64_t after = passes_ + 2;  // one may be under way
  while (passes_ < after) {
    changed_.notify_all();
    (void)changed_.wait_for(mutex_, every_);
  }
}

}  // namespace pawl
