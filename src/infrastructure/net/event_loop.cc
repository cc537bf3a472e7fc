// epoll, one registration a descriptor for its whole life (EPOLLET): a wish to read costs no system
// call as long as the descriptor's state is known.
#include "infrastructure/net/event_loop.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/mutex.h"
#include "infrastructure/net/brief_polling.h"
#include "infrastructure/net/send_round.h"
#include "infrastructure/net/signals.h"

namespace pawl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kAllEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr int kEventsAtOnce = 128;
constexpr int kRoundsOfTasks = 8;  // before descriptors get their turn

timespec until(Clock::time_point due) {
  const auto left = std::max(due - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
  return {static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
}

// A kernel before 5.11, or a filter of system calls made before it, knows milliseconds only: rather
// late than early.
int wait(int epoll, epoll_event* events, const timespec* timeout) {
  static std::atomic<bool> has_nanoseconds{true};
  if (has_nanoseconds) {
    const int count = ::epoll_pwait2(epoll, events, kEventsAtOnce, timeout, nullptr);
    if (count >= 0 || errno == EINTR) {
      return count;
    }
    has_nanoseconds = false;
  }
  const long ms =
      timeout == nullptr ? -1 : timeout->tv_sec * 1'000 + (timeout->tv_nsec + 999'999) / 1'000'000;
  const int count =
      ::epoll_wait(epoll, events, kEventsAtOnce, static_cast<int>(std::min(ms, 3'600'000L)));
  PAWL_CHECK(count >= 0 || errno == EINTR, "a loop that cannot wait hears nobody");
  return count;
}

// A descriptor of the loop's own, known by the member that it is of. Each write to it is told once,
// so that it need not be read.
void add_own(int epoll, int fd, void* member) {
  epoll_event event{EPOLLIN | EPOLLET, {.ptr = member}};
  PAWL_CHECK(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll takes pipes and eventfds");
}

}  // namespace

using Due = std::multimap<Clock::time_point, std::shared_ptr<Timer::Impl>>;

struct Timer::Impl {
  std::shared_ptr<Due> due;  // the loop's; outlives it, so that a timer may
  Due::iterator place;
  std::function<void()> task;  // empty: cancelled, or already run
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

Timer::~Timer() {
  cancel();
}

void Timer::cancel() {
  const std::shared_ptr<Impl> impl = std::exchange(impl_, nullptr);
  if (impl == nullptr || !impl->task) {
    return;
  }
  const std::function<void()> dropped = std::exchange(impl->task, nullptr);
  impl->due->erase(impl->place);
}

struct EventLoop::Impl {
  Impl();
  ~Impl();
  void post(std::function<void()> task);
  void wake();
  void run();
  bool run_tasks();  // true: more wait
  void wait_and_tell(bool tasks_wait);
  int await(std::span<epoll_event> events);  // how many of them
  std::optional<int> poll(std::span<epoll_event> events);
  bool has_posted();
  void fire_timers();
  Signals& signals_caught();
  void hear_signals();

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const int wakeup = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<bool> stopped{false};
  const std::shared_ptr<std::atomic<std::uint64_t>> turns =
      std::make_shared<std::atomic<std::uint64_t>>(1);

  Mutex mutex;
  std::vector<std::function<void()>> posted PAWL_GUARDED_BY(mutex);
  bool sleeping PAWL_GUARDED_BY(mutex) = false;  // in epoll, until told

  const std::shared_ptr<Due> due = std::make_shared<Due>();
  std::unordered_map<Watched*, std::shared_ptr<Watched>> watched;
  std::vector<std::shared_ptr<Watched>> forgotten;  // the events at hand may still name them
  SendRound sends;
  BriefPolling polling;
  std::optional<Signals> signals;
  std::function<void(int)> on_termination;
  std::function<void()> on_hangup;
};

EventLoop::Impl::Impl() {
  PAWL_CHECK(epoll >= 0 && wakeup >= 0, "no descriptors for the event loop");
  add_own(epoll, wakeup, &posted);
}

EventLoop::Impl::~Impl() {
  ::close(wakeup);
  ::close(epoll);
}

void EventLoop::Impl::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wakeup, &one, sizeof one);
}

void EventLoop::Impl::post(std::function<void()> task) {
  bool asleep = false;
  {
    MutexLock lock(mutex);
    posted.push_back(std::move(task));
    asleep = std::exchange(sleeping, false);
  }
  if (asleep) {
    wake();
  }
}

bool EventLoop::Impl::run_tasks() {
  for (int round = 0; round < kRoundsOfTasks && !stopped; ++round) {
    std::vector<std::function<void()>> tasks;
    {
      MutexLock lock(mutex);
      tasks.swap(posted);
    }
    if (tasks.empty()) {
      return false;
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (stopped) {  // the rest is for the next run()
        MutexLock lock(mutex);
        posted.insert(posted.begin(), std::make_move_iterator(tasks.begin() + static_cast<long>(i)),
                      std::make_move_iterator(tasks.end()));
        break;
      }
      std::exchange(tasks[i], nullptr)();
    }
  }
  MutexLock lock(mutex);
  return !posted.empty();
}

bool EventLoop::Impl::has_posted() {
  MutexLock lock(mutex);
  return !posted.empty();
}

// nullopt: nothing came within the window. Others that want this core have it first.
std::optional<int> EventLoop::Impl::poll(std::span<epoll_event> events) {
  Clock::time_point end = Clock::now() + BriefPolling::kWindow;
  if (!due->empty()) {
    end = std::min(end, due->begin()->first);
  }
  const timespec none{};
  do {
    const int count = wait(epoll, events.data(), &none);
    if (count != 0 || has_posted()) {
      return count;
    }
    ::sched_yield();
  } while (Clock::now() < end);
  return std::nullopt;
}

int EventLoop::Impl::await(std::span<epoll_event> events) {
  if (polling.is_worth_it()) {
    const std::optional<int> found = poll(events);
    polling.told(found.has_value());
    if (found) {
      return *found;
    }
  }
  timespec timeout{};
  const timespec* patience = &timeout;
  {
    MutexLock lock(mutex);
    sleeping = posted.empty();
    if (sleeping && due->empty()) {
      patience = nullptr;
    } else if (sleeping) {
      timeout = until(due->begin()->first);
    }
  }
  const int count = wait(epoll, events.data(), patience);
  MutexLock lock(mutex);
  sleeping = false;
  return count;
}

void EventLoop::Impl::wait_and_tell(bool tasks_wait) {
  // The kernel writes what is read of it. NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  std::array<epoll_event, kEventsAtOnce> events;
  const timespec none{};
  turns->fetch_add(1, std::memory_order_relaxed);
  const int count = tasks_wait ? wait(epoll, events.data(), &none) : await(events);
  turns->fetch_add(1, std::memory_order_relaxed);
  for (int i = 0; i < count; ++i) {
    void* told = events[static_cast<std::size_t>(i)].data.ptr;
    if (told == &signals) {
      hear_signals();
    } else if (told != &posted) {  // posted tasks are run anyhow
      static_cast<Watched*>(told)->on_events(events[static_cast<std::size_t>(i)].events);
    }
  }
  forgotten.clear();
}

void EventLoop::Impl::fire_timers() {
  if (due->empty()) {
    return;
  }
  // What a timer sets for now waits for the next turn.
  const Clock::time_point now = Clock::now();
  while (!stopped && !due->empty() && due->begin()->first <= now) {
    const std::shared_ptr<Timer::Impl> timer = due->begin()->second;
    due->erase(due->begin());
    std::exchange(timer->task, nullptr)();
  }
}

Signals& EventLoop::Impl::signals_caught() {
  if (!signals) {
    signals.emplace();
    add_own(epoll, signals->fd(), &signals);
  }
  return *signals;
}

void EventLoop::Impl::hear_signals() {
  while (const std::optional<int> signal = signals->next()) {
    if (*signal == SIGHUP) {
      on_hangup();
    } else {
      on_termination(*signal);
    }
  }
}

void EventLoop::Impl::run() {
  while (!stopped) {
    const bool tasks_wait = run_tasks();
    sends.run();
    if (!stopped) {
      wait_and_tell(tasks_wait);
    }
    if (!stopped) {
      fire_timers();
    }
  }
  sends.run();
  stopped = false;  // at the end: a stop may come before the thread that runs the loop
}

EventLoop::EventLoop() {
  std::signal(SIGPIPE, SIG_IGN);
  impl_ = std::make_shared<Impl>();
}

EventLoop::~EventLoop() {
  // What is dropped may own timers, watches and posters of this loop.
  while (true) {
    std::vector<std::function<void()>> tasks;
    {
      MutexLock lock(impl_->mutex);
      tasks.swap(impl_->posted);
    }
    if (tasks.empty() && impl_->due->empty()) {
      break;
    }
    while (!impl_->due->empty()) {
      const std::shared_ptr<Timer::Impl> timer = impl_->due->begin()->second;
      impl_->due->erase(impl_->due->begin());
      const std::function<void()> dropped = std::exchange(timer->task, nullptr);
    }
  }
}

void EventLoop::run() {
  impl_->run();
}

std::function<std::uint64_t()> EventLoop::turns() const {
  return [turns = impl_->turns] { return turns->load(std::memory_order_relaxed); };
}

void EventLoop::stop() {
  impl_->stopped = true;
  impl_->wake();
}

void EventLoop::post(std::function<void()> task) {
  impl_->post(std::move(task));
}

std::function<void(std::function<void()>)> EventLoop::poster() {
  return [weak = std::weak_ptr<Impl>(impl_)](std::function<void()> task) {
    if (const std::shared_ptr<Impl> loop = weak.lock()) {
      loop->post(std::move(task));
    }
  };
}

void EventLoop::on_termination(std::function<void(int signal)> handler) {
  impl_->on_termination = std::move(handler);
  impl_->signals_caught().catch_signal(SIGTERM);
  impl_->signals_caught().catch_signal(SIGINT);
}

void EventLoop::on_hangup(std::function<void()> handler) {
  impl_->on_hangup = std::move(handler);
  impl_->signals_caught().catch_signal(SIGHUP);
}

Timer EventLoop::after(std::chrono::microseconds delay, std::function<void()> task) {
  auto timer = std::make_shared<Timer::Impl>();
  timer->due = impl_->due;
  timer->task = std::move(task);
  timer->place = impl_->due->emplace(Clock::now() + delay, timer);
  return Timer(std::move(timer));
}

SendRound& EventLoop::sends() {
  return impl_->sends;
}

bool EventLoop::watch(int fd, std::shared_ptr<Watched> watched) {
  epoll_event event{kAllEvents, {.ptr = watched.get()}};
  if (::epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    return false;
  }
  impl_->watched.emplace(watched.get(), std::move(watched));
  return true;
}

void EventLoop::look_again(int fd, Watched& watched) {
  epoll_event event{kAllEvents, {.ptr = &watched}};
  (void)::epoll_ctl(impl_->epoll, EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::forget(int fd, Watched& watched) {
  const auto found = impl_->watched.find(&watched);
  if (found == impl_->watched.end()) {
    return;
  }
  (void)::epoll_ctl(impl_->epoll, EPOLL_CTL_DEL, fd, nullptr);
  impl_->forgotten.push_back(std::move(found->second));
  impl_->watched.erase(found);
}

}  // namespace pawl
