// ./test powercut: the power is cut, calls fail, and every promise is checked afterwards.
//
// Usage: powercut [--cuts N] [--seed S] [--survivors N]    a campaign; prints how to repeat a
// failure
//        powercut --world NAME ...                          only these worlds, and random scripts
//        powercut --case CASE                               one case again (tests/powercut/case.h)
//        powercut --ignore-sync SITE ...                    with one sync left out
//        powercut --list-syncs                              the sites that the worlds reach
//        powercut --remove-syncs [SITE...]                  leaves out each, and expects a failure
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

#include "base/log.h"
#include "tests/powercut/campaign.h"

namespace pawl::powercut {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

int tell_failure(const std::string& failed, const std::string& failed_case) {
  std::cout << "BROKEN: " << failed << "\n  again: ./test powercut --case '" << failed_case
            << "'\n";
  return 1;
}

int run_one(const std::string& text, const std::string& ignored_site) {
  const Result<Case> one = parse_case(text);
  if (!one) {
    std::cerr << one.error().message << "\n";
    return 2;
  }
  const CaseResult done = run_case(*one, 0, ignored_site);
  std::cout << "the last event " << (done.reached ? "happened" : "was not reached") << "\n";
  return done.failed.empty() ? 0 : tell_failure(done.failed, done.failed_case);
}

int campaign(const CampaignOptions& options) {
  const Clock::time_point begin = Clock::now();
  std::cout << "seed " << options.seed << "\n";
  const CampaignResult result = run_campaign(options, [&](const std::string& line) {
    std::cout << static_cast<int>(seconds_since(begin)) << " s  " << line << std::endl;
  });
  if (!result.failed.empty()) {
    return tell_failure(result.failed, result.failed_case);
  }
  for (const auto& [world, calls] : result.calls) {
    std::cout << world << ": " << calls << " calls to the disk, each cut and failed\n";
  }
  std::cout << result.cases << " runs, " << result.cuts << " power cuts, " << result.sites.size()
            << " sync sites, " << static_cast<int>(seconds_since(begin))
            << " s: every promise kept\n";
  return 0;
}

// Which worlds reach which sync, in whole lives and their next starts, without a fault.
Result<std::map<std::string, std::vector<std::string>>> worlds_by_site() {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& world : world_names()) {
    const CaseResult done =
        run_case({world, 0, {{Happening::kKill, ~std::uint64_t{0}, std::nullopt}}}, 0, "");
    if (!done.failed.empty()) {
      return fail(Code::kInternal, world + ": " + done.failed);
    }
    for (const std::string& site : done.sites) {
      out[site].push_back(world);
    }
  }
  return out;
}

int list_syncs() {
  const auto reached = worlds_by_site();
  if (!reached) {
    return tell_failure(reached.error().message, "");
  }
  for (const auto& [site, worlds] : *reached) {
    std::cout << site << "\n";
  }
  return 0;
}

constexpr std::uint64_t kLookLonger = 3;  // campaigns

int remove_syncs(CampaignOptions options, const std::vector<std::string>& sites) {
  const auto reached = worlds_by_site();
  if (!reached) {
    return tell_failure(reached.error().message, "");
  }
  int uncaught = 0;
  for (const std::string& site : sites) {
    const auto worlds = reached->find(site);
    if (worlds == reached->end()) {
      std::cerr << "no world reaches " << site << "\n";
      return 2;
    }
    const Clock::time_point begin = Clock::now();
    options.ignored_site = site;
    options.worlds = worlds->second;
    std::stable_partition(options.worlds.begin(), options.worlds.end(), [](const auto& world) {
      return world == "init" || world == "renewed-by-hand";  // the cheap ones first
    });
    options.only_power = true;
    CampaignResult result = run_campaign(options, [](const std::string&) {});
    // Whether a disk forgets just what the sync would have kept is chance: look longer.
    for (std::uint64_t more = 1; result.failed.empty() && more <= kLookLonger; ++more) {
      CampaignOptions longer = options;
      longer.seed += more;
      longer.survivors *= 4;
      result = run_campaign(longer, [](const std::string&) {});
    }
    uncaught += result.failed.empty() ? 1 : 0;
    std::cout << (result.failed.empty() ? "UNCAUGHT " : "caught   ") << site << "  (" << result.cuts
              << " cuts, " << static_cast<int>(seconds_since(begin)) << " s)\n";
    if (!result.failed.empty()) {
      std::cout << "           " << result.failed_case << ": " << result.failed << "\n";
    }
    std::cout << std::flush;
  }
  return uncaught == 0 ? 0 : 1;
}

int main_with(int argc, char** argv) {
  set_log_sink([](LogLevel, std::string_view) {});
  CampaignOptions options;
  std::string one;
  bool list = false, remove = false;
  std::vector<std::string> sites;
  CLI::App app{"cuts the power, and looks"};
  app.add_option("--cuts", options.cuts);
  app.add_option("--seed", options.seed);
  app.add_option("--survivors", options.survivors)->check(CLI::PositiveNumber);
  app.add_option("--world", options.worlds, "only these; repeat it for more");
  app.add_option("--case", one);
  app.add_option("--ignore-sync", options.ignored_site);
  app.add_flag("--list-syncs", list);
  app.add_flag("--remove-syncs", remove);
  app.add_option("sites", sites);
  CLI11_PARSE(app, argc, argv);
  if (!one.empty()) {
    return run_one(one, options.ignored_site);
  }
  return list ? list_syncs() : remove ? remove_syncs(options, sites) : campaign(options);
}

}  // namespace
}  // namespace pawl::powercut

int main(int argc, char** argv) {
  return pawl::powercut::main_with(argc, argv);
}
