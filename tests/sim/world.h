// One simulated world: agents, servers, operators, one disk, one clock, and a node that dies.
//
// Purpose:    the real governance (keys, ledger, journal, rules, recovery, the path, the stop desk)
//             under virtual time, from one seed. run() lets everything happen and judges it.
// Threading:  one thread.
// Errors:     Violation: a promise was broken; its message says which.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/daemon/governance.h"
#include "tests/sim/model.h"
#include "tests/sim/upstream.h"
#include "tests/sim/virtual_time.h"
#include "tests/support/fault_files.h"

namespace pawl::sim {

struct WorldSize {
  std::size_t agents = 0;  // 0: the driver chooses by the seed
  std::size_t servers = 20;
  std::size_t calls = 1500;
  std::size_t open_total = 48;
  std::size_t open_per_agent = 6;
};

struct Summary {
  std::size_t calls = 0, written = 0, released = 0, records = 0;
  std::size_t restarts = 0, power_cuts_inside = 0, stops = 0, resumes = 0, reloads = 0, steps = 0;
  std::int64_t longest_us = 0;  // virtual
  std::int64_t virtual_us = 0;
  std::string ledger_digest;  // SHA-256 over every file of the ledger
};

class World {
 public:
  World(std::uint64_t seed, WorldSize size);
  ~World();
  Summary run();
  std::string moment() const;  // for messages: virtual time and life

 private:
  struct Held {  // a signed resume that somebody kept too long
    std::string token;
    std::int64_t expires_s;
  };

  void start_node();
  void kill_node(bool with_power);
  void pump_later();

  void arrange();
  void arrival();
  void hour_step(std::int64_t by_us);
  void stop_something();
  void resume_something();
  void present_kept();
  void reload_rules();
  void disk_trouble();
  void restart();
  void restart_in_order();
  void tick();
  void repeat_last();

  Action make_action();
  void submit(Action action);
  std::string some_scope();
  std::string sign(override_::Verb verb, const override_::Scope& scope, std::vector<Uuid> stops);
  std::int64_t within(std::int64_t us) {
    return static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(us)));
  }
  void judge_end();

  const std::uint64_t seed_;
  const WorldSize size_;
  SteppedClock clock_;
  VirtualTime time_{clock_};
  SeededRandom dice_, node_random_;
  std::unique_ptr<FaultFiles> files_;
  std::unique_ptr<SigningKey> operator_key_;
  std::vector<RuleVariant> rules_;
  Model model_;
  Summary summary_;

  Config config_;
  VirtualTime::Owner life_ = 0;
  std::unique_ptr<NodeScheduler> scheduler_;
  std::unique_ptr<Governance> node_;
  std::unique_ptr<StopDesk> desk_;
  bool begun_ = false;
  bool pumping_ = false;
  bool sick_ = false;   // the disk was made to fail: only a restart helps
  bool quiet_ = false;  // the end: nothing new begins
  std::size_t arrived_ = 0;
  std::vector<Held> kept_;
  std::map<Uuid, Action> made_;  // to be repeated
};

}  // namespace pawl::sim
