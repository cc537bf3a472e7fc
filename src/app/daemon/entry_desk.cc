#include "app/daemon/entry_desk.h"

#include <optional>

#include "base/limit_stat.h"
#include "foundation/ledger/entry_reader.h"
#include "foundation/ledger/tiles.h"

namespace pawl {
namespace {

LimitStat entry_readers("entry_readers");

}  // namespace

EntryDesk::~EntryDesk() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool EntryDesk::put(Question question) {
  MutexLock lock(mutex_);
  if (waiting_.size() >= kMaxWaiting) {
    return false;
  }
  waiting_.push_back(std::move(question));
  changed_.notify_all();
  return true;
}

void EntryDesk::ask(const Log& log, const ledger::TileName& bundle, const Done& done) {
  const std::uint64_t first = bundle.index * ledger::kTileWidth;
  if (bundle.level || bundle.index > log.size / ledger::kTileWidth ||
      first + bundle.width > log.size) {
    done(fail(Code::kNotFound, "not among the " + std::to_string(log.size) +
                                   " entries of the log: " + ledger::print_tile_path(bundle)));
    return;
  }
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  if (!put({log, first, bundle.width, done})) {
    entry_readers.reached();
    done(fail(Code::kOverloaded, "too many wait for entries; ask again"));
  }
}

void EntryDesk::run() {
  std::optional<ledger::EntryReader> reader;
  std::string name;  // of its log
  while (true) {
    Question question;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !ending_) {
        changed_.wait(mutex_);
      }
      if (ending_) {
        return;
      }
      question = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (!reader || name != question.log.name) {
      reader.emplace(files_, question.log.folder);
      name = question.log.name;
    }
    Result<std::string> bundle =
        reader->read(question.first, question.count).map([](const auto& entries) {
          return ledger::print_bundle(entries);
        });
    scheduler_.post([done = std::move(question.done), bundle = std::move(bundle)]() mutable {
      done(std::move(bundle));
    });
  }
}

}  // namespace pawl
