#include "tests/powercut/campaign.h"

#include <algorithm>

#include "tests/powercut/remembered_keys.h"
#include "tests/support/seeded_random.h"

namespace pawl::powercut {
namespace {

constexpr std::uint64_t kRandomCuts = 1500;  // at least
constexpr std::uint64_t kFirstCalls = 40;    // of a start: until what it looks for is known

// What each call to the disk does, in a first life without faults.
std::vector<FaultFiles::Operation> operations_of(const std::string& name) {
  std::vector<FaultFiles::Operation> out;
  const KeySequence keys("case");
  const std::unique_ptr<World> world = make_world(name, 0);
  Promises promises;
  const std::unique_ptr<FaultFiles> files = world->begin(promises);
  files->set_hook([&](const FaultFiles::Call& call) { out.push_back(call.operation); });
  (void)world->live(*files, promises, 1, true);
  return out;
}

// A call that writes nothing runs out of no room, and only bytes can be half written.
std::vector<Happening> faults_of(FaultFiles::Operation operation) {
  using Operation = FaultFiles::Operation;
  switch (operation) {
    case Operation::kWrite:
      return {Happening::kEio, Happening::kNoSpace, Happening::kShort};
    case Operation::kRead:
    case Operation::kSize:
    case Operation::kList:
    case Operation::kExists:
    case Operation::kLock:
    case Operation::kFreeBytes:
      return {Happening::kEio};
    default:
      return {Happening::kEio, Happening::kNoSpace};
  }
}

class Campaign {
 public:
  Campaign(const CampaignOptions& options, const std::function<void(const std::string&)>& progress)
      : options_(options), random_(options.seed), progress_(progress) {}

  CampaignResult run() {
    std::vector<void (Campaign::*)()> parts = {&Campaign::cut_at_every_call, &Campaign::die_twice};
    if (!options_.only_power) {
      parts.insert(parts.end(), {&Campaign::fail_at_every_call, &Campaign::fail_in_the_next_start,
                                 &Campaign::fill_at_every_call, &Campaign::random_runs});
    }
    for (const auto part : parts) {
      (this->*part)();
      if (!result_.failed.empty()) {
        break;
      }
    }
    return std::move(result_);
  }

 private:
  // False: the event was not reached, or a promise is broken.
  bool run(const Case& one, std::uint64_t more = 0) {
    const CaseResult done = run_case(one, more, options_.ignored_site);
    ++result_.cases;
    result_.cuts += done.cuts;
    result_.sites.insert(done.sites.begin(), done.sites.end());
    if (!done.failed.empty()) {
      result_.failed = done.failed;
      result_.failed_case = done.failed_case;
    }
    return done.reached && done.failed.empty();
  }
  // The commands beside a long log are slow, and few of their calls differ; a daemon that renews
  // makes most of the calls that "first-start" makes.
  static std::uint64_t stride(const std::string& world) {
    return world == "evidence" || world == "pruned" ? 5 : world == "renewed" ? 3 : 1;
  }
  bool has_daemon() const {
    return std::any_of(options_.worlds.begin(), options_.worlds.end(), [](const std::string& name) {
      return name != "init" && name != "evidence" && name != "renewed-by-hand" && name != "vault" &&
             name != "pruned";
    });
  }
  std::uint64_t seed() { return random_.below(1'000'000); }
  void say(const std::string& part) {
    progress_(part + ": " + std::to_string(result_.cases) + " runs, " +
              std::to_string(result_.cuts) + " cuts so far");
  }

  void cut_at_every_call() {
    for (const std::string& world : options_.worlds) {
      std::uint64_t call = 1;
      while (run({world, 0, {{Happening::kCut, call, seed()}}}, options_.survivors - 1)) {
        ++call;
      }
      if (!result_.failed.empty()) {
        return;
      }
      result_.calls[world] = call - 1;
      say("cut at every call of " + world);
    }
  }

  // Killed at every call, then without power at some call of the next life, or after it; and the
  // power cut twice.
  void die_twice() {
    for (const auto& [world, calls] : result_.calls) {
      for (std::uint64_t call = 1; call <= calls; call += stride(world)) {
        const Event kill{Happening::kKill, call, std::nullopt};
        const Event cut{Happening::kCut, call, seed()};
        const Event second{Happening::kCut, 1 + random_.below(calls), seed()};
        for (const auto& events :
             {std::vector<Event>{kill, second}, std::vector<Event>{cut, second},
              std::vector<Event>{kill, {Happening::kRun, 0, seed()}}}) {
          run({world, 0, events}, 1);
          if (!result_.failed.empty()) {
            return;
          }
        }
      }
      say("a second fault in " + world);
    }
  }

  // The failing life goes on; then its process ends and starts again, and then the power goes, or
  // the power goes at once.
  void fail_at_every_call() {
    for (const auto& [world, calls] : result_.calls) {
      const std::vector<FaultFiles::Operation> operations = operations_of(world);
      for (std::uint64_t call = 1; call <= calls; call += stride(world)) {
        for (const Happening fault : faults_of(operations[call - 1])) {
          const Event then_cut{Happening::kRun, 0, seed()};
          run({world, 0, {{fault, call, std::nullopt}, then_cut}});
          if (result_.failed.empty()) {
            run({world, 0, {{fault, call, seed()}}});
          }
          if (!result_.failed.empty()) {
            return;
          }
        }
      }
      say("EIO, ENOSPC and short writes at every call of " + world);
    }
  }

  // Killed, and one of the first calls of the next start fails: what it looks for may be there.
  void fail_in_the_next_start() {
    for (const auto& [world, calls] : result_.calls) {
      for (std::uint64_t call = 1; call <= calls; call += 2 * stride(world)) {
        const Event kill{Happening::kKill, call, std::nullopt};
        const Event fault{random_.coin() ? Happening::kEio : Happening::kNoSpace,
                          1 + random_.below(kFirstCalls), std::nullopt};
        run({world, 0, {kill, fault}});
        if (!result_.failed.empty()) {
          return;
        }
      }
      say("a failing call in the next start of " + world);
    }
  }

  void fill_at_every_call() {
    if (!has_daemon()) {
      return;
    }
    std::uint64_t call = 1;
    while (run({"full", 0, {{Happening::kFull, call, std::nullopt}}})) {
      ++call;
    }
    say("a full disk from every call on");
  }

  void random_runs() {
    const std::uint64_t enough = std::max(options_.cuts, result_.cuts + kRandomCuts);
    while (has_daemon() && result_.failed.empty() && result_.cuts < enough) {
      Case one{"random", seed(), {}};
      const std::uint64_t lives = 1 + random_.below(3);
      for (std::uint64_t life = 0; life < lives; ++life) {
        Event event{static_cast<Happening>(random_.below(5)),
                    1 + random_.below(life == 0 ? 220 : 90), std::nullopt};
        if (event.what == Happening::kCut || life + 1 == lives || random_.coin()) {
          event.power_seed = seed();
        }
        one.events.push_back(event);
      }
      run(one, 1);
    }
    say("random runs");
  }

  const CampaignOptions& options_;
  SeededRandom random_;
  const std::function<void(const std::string&)>& progress_;
  CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options,
                            const std::function<void(const std::string&)>& progress) {
  return Campaign(options, progress).run();
}

}  // namespace pawl::powercut
