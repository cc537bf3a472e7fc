#include "app/daemon/read_desk.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace pawl {
namespace {

// Runs what was posted when the test says so.
class Posted final : public Scheduler {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    came_.notify_all();
  }
  std::unique_ptr<ScheduledTask> after(std::chrono::microseconds, std::function<void()>) override {
    return nullptr;
  }
  void run(std::size_t count) {
    while (count-- > 0) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [&] { return !tasks_.empty(); });
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> tasks_;
};

TEST(ReadDesk, AnswersOnTheThreadOfItsOwnerInOrder) {
  Posted posted;
  ReadDesk desk(posted);
  const std::thread::id here = std::this_thread::get_id();
  std::vector<std::int64_t> answers;
  for (std::int64_t i = 0; i < 3; ++i) {
    desk.ask(
        [i, here]() -> ReadDesk::Answer {
          EXPECT_NE(std::this_thread::get_id(), here);
          return json::Object{{"n", i}};
        },
        [&](const ReadDesk::Answer& answer) {
          EXPECT_EQ(std::this_thread::get_id(), here);
          answers.push_back(answer->at("n").as_int64());
        });
  }
  posted.run(3);
  EXPECT_EQ(answers, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(ReadDesk, TellsWhoComesTooLateAndForgetsWhatWaitsAtItsEnd) {
  Posted posted;
  std::mutex gate;
  std::size_t refused = 0, answered = 0;
  {
    ReadDesk desk(posted);
    const auto ask = [&] {
      desk.ask(
          [&gate]() -> ReadDesk::Answer {
            const std::lock_guard lock(gate);
            return json::Object{};
          },
          [&](const ReadDesk::Answer& answer) {
            refused += !answer && answer.error().code == Code::kOverloaded ? 1 : 0;
            answered += answer ? 1 : 0;
          });
    };
    {
      const std::lock_guard lock(gate);
      for (std::size_t i = 0; i < ReadDesk::kMostWaiting + 5; ++i) {
        ask();
      }
      EXPECT_GE(refused, 4U);  // one may be under way
    }
    posted.run(1);
  }
  EXPECT_EQ(answered, 1U);  // the others' answers come to nobody
}

}  // namespace
}  // namespace pawl
