#include "app/daemon/read_desk.h"

#include <utility>

#include "base/limit_stat.h"

namespace pawl {
namespace {

LimitStat reads_waiting("reads_waiting");

}  // namespace

ReadDesk::~ReadDesk() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool ReadDesk::put(Question question) {
  const MutexLock lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    return false;
  }
  waiting_.push_back(std::move(question));
  changed_.notify_all();
  return true;
}

void ReadDesk::ask(Work work, Done done) {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  const std::uint64_t number = next_++;
  if (!put({number, std::move(work)})) {
    reads_waiting.reached();
    done(fail(Code::kOverloaded, "too many wait for what is read; ask again"));
    return;
  }
  open_.emplace(number, std::move(done));
}

void ReadDesk::answered(std::uint64_t number, Answer answer) {
  if (auto found = open_.extract(number)) {
    found.mapped()(std::move(answer));
  }
}

void ReadDesk::run() {
  while (true) {
    Question question;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !ending_) {
        changed_.wait(mutex_);
      }
      if (ending_) {
        return;
      }
      question = std::move(waiting_.front());
      waiting_.pop_front();
    }
    auto answer = std::make_shared<Answer>(question.work());
    scheduler_.post([this, number = question.number, answer, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) {
        answered(number, std::move(*answer));
      }
    });
  }
}

}  // namespace pawl
