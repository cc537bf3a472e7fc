#include "tests/sim/adapters.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"

namespace pawl::sim {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kIdle = 1800 * kSecond;
constexpr std::int64_t kRoundLife = 900 * kSecond;
constexpr std::size_t kMostSessions = 80;
constexpr std::size_t kMostOfAnAgent = 5;
constexpr std::size_t kRemembered = 400;  // rounds and tasks that are tried again
const std::string kKey(32, 'k');          // of handles: the same in every life

Caller caller_of(const std::string& agent) {
  Caller out;
  out.agent = agent;
  out.proof = Caller::Proof::kBearerKey;
  return out;
}

}  // namespace

Adapters::Adapters(std::uint64_t seed, std::size_t agents, std::size_t steps)
    : agents_(agents), steps_(steps), dice_(seed * 2 + 1), node_random_(seed * 2 + 2) {}

std::string Adapters::moment() const {
  return "adapters, life " + std::to_string(life_) + ", step " + std::to_string(step_);
}

// Sessions and rounds end with the process; handles do not.
void Adapters::restart() {
  ++life_;
  summary_.restarts += life_ > 1 ? 1 : 0;
  sessions_.reset();
  time_.drop(life_ - 1);
  for (const auto& [id, fact] : std::exchange(open_, {})) {
    gone_.insert(id);
  }
  scheduler_ = std::make_unique<NodeScheduler>(time_, life_);
  latest_ = std::make_unique<LatestTime>(clock_);
  bridge::SessionTableLimits limits;
  limits.max_total = kMostSessions;
  limits.max_per_agent = kMostOfAnAgent;
  limits.idle = std::chrono::seconds(kIdle / kSecond);
  sessions_ = std::make_unique<bridge::Sessions>(limits, node_random_, *scheduler_);
  sessions_->on_ended([this](const std::string& id) { ended(id); });
  handles_ = std::make_unique<bridge::TaskHandles>(kKey);
  states_ = std::make_unique<mcp::RequestStates>(
      std::string(32, 's'), Uuid::v7(clock_.wall(), node_random_), node_random_, kRoundLife);
  used_states_ = std::make_unique<mcp::RequestStateLedger>();
}

void Adapters::give_out(const std::string& text) {
  summary_.digest = digest_text(sha256(summary_.digest + text));
}

// A few agents do much.
std::string Adapters::agent() {
  return "a" + std::to_string(dice_.below(dice_.below(3) == 0 ? 5 : agents_));
}

// ---- sessions ----

std::size_t Adapters::sessions_of(const std::string& agent) const {
  return static_cast<std::size_t>(std::count_if(
      open_.begin(), open_.end(), [&](const auto& one) { return one.second.agent == agent; }));
}

void Adapters::ended(const std::string& id) {
  const auto found = open_.find(id);
  require(found != open_.end(), "a session ended that was not open");
  const SessionFact fact = found->second;
  if (sweeping_) {
    require(clock_.boot().us - fact.used_us > kIdle, "a session was ended before it was idle");
  } else {
    require(fact.agent == ending_for_, "a session of another agent made room");
    for (const auto& [other, one] : open_) {
      require(one.agent != fact.agent || one.used_us >= fact.used_us,
              "not the longest unused session made room");
    }
  }
  open_.erase(found);
  gone_.insert(id);
}

void Adapters::begin_session() {
  const std::string who = agent();
  const std::size_t had = sessions_of(who);
  const std::size_t all = open_.size();
  ending_for_ = who;
  const std::string where = server();
  const auto made = sessions_->create(caller_of(who), where, clock_.boot());
  ending_for_.clear();
  if (!made) {
    require(made.error().code == Code::kOverloaded && had == 0 && all >= kMostSessions,
            "a session was refused while there was room");
    ++summary_.shed;
    return;
  }
  const std::string id = (*made)->id();
  require(!open_.contains(id) && !gone_.contains(id), "an id of a session came twice");
  open_[id] = {who, where, clock_.boot().us};
  require(open_.size() == sessions_->size(), "the table holds other sessions than the model");
  require(open_.size() <= kMostSessions && sessions_of(who) <= kMostOfAnAgent,
          "more sessions are open than there may be");
  ++summary_.sessions;
  give_out(id);
}

void Adapters::use_session() {
  const bool of_the_past = !gone_.empty() && dice_.below(4) == 0;
  if (of_the_past) {
    auto at = gone_.lower_bound(hex_encode(dice_.bytes(16)));
    at = at == gone_.end() ? gone_.begin() : at;
    require(!sessions_->find(*at, caller_of(agent()), server(), clock_.boot()),
            "an ended session was found");
    return;
  }
  if (open_.empty()) {
    return;
  }
  auto at = open_.lower_bound(hex_encode(dice_.bytes(16)));
  at = at == open_.end() ? open_.begin() : at;
  const std::string who = dice_.coin() ? at->second.agent : agent();
  const std::string where = dice_.coin() ? at->second.server : server();
  const bool its_own = who == at->second.agent && where == at->second.server;
  const auto found = sessions_->find(at->first, caller_of(who), where, clock_.boot());
  require(found.has_value() == its_own,
          its_own ? "a session was refused to its agent" : "a session was good for somebody else");
  summary_.refused += its_own ? 0 : 1;
  if (its_own) {
    at->second.used_us = clock_.boot().us;
  }
}

void Adapters::sweep_sessions() {
  sweeping_ = true;
  sessions_->end_idle(clock_.boot());
  sweeping_ = false;
  for (const auto& [id, fact] : open_) {
    require(clock_.boot().us - fact.used_us <= kIdle, "an idle session was kept");
  }
}

// ---- rounds ----

void Adapters::begin_round() {
  Round round;
  round.binding = {agent(), server(), "tools/call", "t" + std::to_string(dice_.below(3)),
                   "digest-" + std::to_string(dice_.below(3))};
  if (dice_.coin()) {
    round.upstream = "state " + std::to_string(step_);
  }
  round.life = life_;
  round.expires_us = latest_->wall().us + kRoundLife;
  const Result<std::string> text = states_->seal(
      round.binding, round.upstream, Uuid::v7(clock_.wall(), node_random_), latest_->wall());
  require(text.has_value(), "a round could not be sealed");
  round.text = *text;
  give_out(round.text);
  rounds_.push_back(std::move(round));
  if (rounds_.size() > kRemembered) {
    rounds_.pop_front();
  }
}

void Adapters::end_round() {
  if (rounds_.empty()) {
    return;
  }
  Round& round = rounds_[dice_.below(rounds_.size())];
  mcp::StateBinding binding = round.binding;
  std::string text = round.text;
  bool good = true;
  const auto other = [&](std::string& word) {
    word += "x";
    good = false;
  };
  switch (dice_.below(12)) {
    case 0:
      other(binding.agent);
      break;
    case 1:
      other(binding.server);
      break;
    case 2:
      other(binding.method);
      break;
    case 3:
      other(binding.name);
      break;
    case 4:
      other(binding.params_digest);
      break;
    case 5:
      text[dice_.below(text.size() - 1)] ^= 1;
      good = false;
      break;
    default:
      break;
  }
  const WallTime now = latest_->wall();
  const Result<mcp::OpenedState> opened = states_->open(binding, text, now);
  const bool alive = round.life == life_ && now.us < round.expires_us;
  require(opened.has_value() == (good && alive),
          opened ? "a round was taken up by who may not, or too late" : "a good round was refused");
  if (!opened) {
    ++summary_.refused;
    return;
  }
  require(opened->upstream == round.upstream, "a round gave its server another state back");
  const Status once = used_states_->redeem(opened->nonce, opened->expires, now);
  require(once.has_value() == !round.used,
          once ? "a round was taken up twice" : "a fresh round counts as used");
  summary_.rounds += once ? 1 : 0;
  round.used = true;
}

// ---- handles of tasks ----

void Adapters::make_task() {
  TaskFact task;
  task.owner = {agent(), server(), dice_.coin() ? mcp::Era::kModern : mcp::Era::kLegacy};
  task.id = "task." + std::to_string(dice_.below(40));  // servers use ids again
  task.tool = "t" + std::to_string(dice_.below(3));
  task.life = life_;
  handles_->create(task.owner, task.id, task.tool);
  task.handle = handles_->wrap(task.owner, task.id);
  for (TaskFact& before : tasks_) {
    const bool same = before.owner.agent == task.owner.agent &&
                      before.owner.server == task.owner.server &&
                      before.owner.era == task.owner.era && before.id == task.id;
    if (same) {
      before.superseded = before.tool != task.tool;
      before.life = life_;
    }
  }
  ++summary_.handles;
  give_out(task.handle);
  tasks_.push_back(std::move(task));
  if (tasks_.size() > kRemembered) {
    tasks_.pop_front();
  }
}

void Adapters::use_task() {
  if (tasks_.empty()) {
    return;
  }
  const TaskFact& task = tasks_[dice_.below(tasks_.size())];
  bridge::TaskOwner owner = task.owner;
  std::string handle = task.handle;
  bool good = true;
  switch (dice_.below(8)) {
    case 0:
      owner.agent += "x";
      good = false;
      break;
    case 1:
      owner.server += "x";
      good = false;
      break;
    case 2:
      handle[dice_.below(handle.size() - 1)] ^= 1;
      good = false;
      break;
    default:
      break;
  }
  const Result<bridge::TaskHandles::Opened> opened = handles_->open(owner, handle);
  if (opened) {
    require(good, "a handle opened for somebody else, or changed");
    require(opened->id == task.id && opened->tool == task.tool, "a handle opened another task");
    require(!task.superseded || task.life != life_, "a handle of a task that was replaced opened");
  } else {
    require(!good || task.superseded, "a good handle was refused");
    ++summary_.refused;
  }
}

// ---- the run ----

AdapterSummary Adapters::run() {
  restart();
  using Act = void (Adapters::*)();
  const std::vector<std::pair<std::uint64_t, Act>> acts = {
      {20, &Adapters::begin_session}, {30, &Adapters::use_session}, {1, &Adapters::sweep_sessions},
      {15, &Adapters::begin_round},   {20, &Adapters::end_round},   {10, &Adapters::make_task},
      {20, &Adapters::use_task}};
  std::uint64_t total = 0;
  for (const auto& [weight, act] : acts) {
    total += weight;
  }
  for (step_ = 0; step_ < steps_; ++step_) {
    clock_.step(std::chrono::microseconds(
        static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(5 * kSecond)))));
    (void)latest_->wall();  // the node's tick: it has seen this time
    if (dice_.below(500) == 0) {
      clock_.step_wall(std::chrono::microseconds(dice_.coin() ? kHour : -kHour));
    }
    if (dice_.below(3000) == 0) {
      restart();
    }
    std::uint64_t pick = dice_.below(total);
    for (const auto& [weight, act] : acts) {
      if (pick < weight) {
        (this->*act)();
        break;
      }
      pick -= weight;
    }
    while (time_.run_one()) {
    }
  }
  sweeping_ = true;
  open_.clear();  // whatever ends now
  sessions_->on_ended([](const std::string&) {});
  sessions_->end_all();
  require(sessions_->size() == 0, "sessions are left at the end");
  return summary_;
}

}  // namespace pawl::sim
