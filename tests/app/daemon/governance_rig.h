// The heart of a daemon on a disk in memory, without listeners, which can be started again and
// again.
//
// Threading: the test's thread, which also pumps the ledger.
// Example: GovernanceRig rig; ASSERT_TRUE(rig.start()); rig.records("config.changed"); rig.kill();
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/daemon/governance.h"
#include "foundation/jose/jws.h"
#include "tests/powercut/step_scheduler.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl {

class GovernanceRig {
 public:
  GovernanceRig() {
    files_->put("srv/data/keep", "");
    files_->put("etc/rules.yaml", "rules: []\n");
    config.domain = "example.org";
    config.rules = {"etc/rules.yaml"};
    config.limits.reserve_mib = 0;
  }
  ~GovernanceRig() { end(); }

  // Opened, and not begun.
  void open() {
    const std::string why_not = refusal();
    ASSERT_TRUE(governance_) << why_not;
    desk_ = governance_->take_stop_desk();
  }
  // The same, where it may be refused; empty: it was not.
  std::string refusal() {
    GovernanceOptions options;
    options.config = &config;
    options.folder = DataFolder{"srv/data"};
    options.ledger_threads = false;
    options.allow_unverified = development;
    Result<std::unique_ptr<Governance>> opened =
        Governance::open(*files_, clock_, random_, scheduler_, std::move(options));
    if (!opened) {
      return opened.error().message;
    }
    governance_ = *std::move(opened);
    return "";
  }
  Status begin() {
    std::optional<Status> begun;
    governance_->begin([&](Status status) { begun = std::move(status); });
    settle();
    return begun ? *begun : fail(Code::kInternal, "it never began");
  }
  Status start() {
    open();
    return begin();
  }
  void settle() {
    bool any = true;
    while (any) {
      any = governance_->ledger().pump();
      any = scheduler_.run_ready() || any;
    }
  }
  // A clean end. `close`: what the daemon does with its servers.
  void finish(const std::function<void()>& close = [] {}) {
    bool done = false;
    governance_->finish([&] { done = true; }, close);
    settle();
    scheduler_.fire_timers();
    settle();
    EXPECT_TRUE(done);
    end();
  }
  // kill -9.
  void kill() {
    std::unique_ptr<FaultFiles> left = files_->kill();
    end();
    files_ = std::move(left);
  }

  struct Record {
    std::uint64_t index = 0;
    std::string id, kind;
    json::Value pred, body;
  };
  // All of one kind; of "" all.
  std::vector<Record> records(const std::string& kind) {
    std::vector<Record> out;
    for (std::uint64_t index = 0; index < governance_->ledger().size(); ++index) {
      const Result<jose::Jws> jws = jose::decode(*governance_->ledger().entry(index));
      const json::Value& claims = jws->payload;
      const std::string act(*json::find_string(claims, {"exec_act"}));
      if (!kind.empty() && act != kind) {
        continue;
      }
      const std::string member = "pawl." + act.substr(0, act.find('.'));
      out.push_back({index, std::string(*json::find_string(claims, {"jti"})), act,
                     *json::find(claims, {"pred"}), *json::find(claims, {"ect_ext", member})});
    }
    return out;
  }

  Governance& governance() { return *governance_; }
  Random& random() { return random_; }
  Files& files() { return *files_; }
  void put(const std::string& path, const std::string& bytes) { files_->put(path, bytes); }
  std::int64_t now() { return clock_.wall().seconds(); }

  Config config = default_config("srv/data");
  bool development = false;

 private:
  void end() {
    desk_.reset();
    governance_.reset();
    while (scheduler_.run_ready()) {
    }
  }

  std::unique_ptr<FaultFiles> files_ = std::make_unique<FaultFiles>();
  SteppedClock clock_;
  SeededRandom random_{7};
  powercut::StepScheduler scheduler_;
  std::unique_ptr<Governance> governance_;
  std::unique_ptr<StopDesk> desk_;
};

}  // namespace pawl
