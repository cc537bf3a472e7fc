// ./test powercut: the power is cut, calls fail, and every promise is checked afterwards.
//
// Usage: powercut [--cuts N] [--seed S] [--survivors N]    a campaign; prints how to repeat a
// failure
//        powercut --world NAME ...                          only these worlds, and random scripts
//        powercut --case CASE                               one case again (tests/powercut/case.h)
//        powercut --ignore-sync SITE ...                    with one sync left out
//        powercut --list-syncs                              the sites that the worlds reach
//        powercut --remove-syncs [--known FILE] [SITE...]   leaves out each, and expects a failure
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

#include "base/files.h"
#include "base/log.h"
#include "tests/powercut/left_out.h"

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

// Prints the row of one sync. False: nothing noticed that it was left out.
bool remove_sync(const std::string& site, const KnownCases& known, CampaignOptions options) {
  std::stable_partition(options.worlds.begin(), options.worlds.end(), [](const auto& world) {
    return world == "init" || world == "renewed-by-hand";  // the cheap ones first
  });
  const Clock::time_point begin = Clock::now();
  const Noticed noticed = leave_out(site, known, options);
  const bool caught = !noticed.failed.empty();
  std::cout << (caught ? "caught   " : "UNCAUGHT ") << site << "  (" << noticed.cuts << " cuts, "
            << static_cast<int>(seconds_since(begin)) << " s)\n";
  if (caught) {
    std::cout << "           " << noticed.failed_case << ": " << noticed.failed << "\n";
  } else if (!noticed.failed_case.empty()) {
    std::cout << "           " << noticed.failed_case << " fails with every sync in place\n";
  }
  if (caught && !noticed.by_known_case) {
    std::cout << "           no case in sync_cases.txt noticed it; this one does:\n"
              << without_line(site) << ": " << noticed.failed_case << "\n";
  }
  std::cout << std::flush;
  return caught;
}

int remove_syncs(const CampaignOptions& options, const std::vector<std::string>& sites,
                 const std::string& known_file) {
  const Result<std::string> text =
      known_file.empty() ? Result<std::string>("") : read_file(system_files(), known_file);
  const Result<KnownCases> known =
      text ? parse_known_cases(*text) : Result<KnownCases>(fail(text.error()));
  if (!known) {
    std::cerr << known.error().message << "\n";
    return 2;
  }
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
    CampaignOptions of_site = options;
    of_site.worlds = worlds->second;
    uncaught += remove_sync(site, *known, of_site) ? 0 : 1;
  }
  return uncaught == 0 ? 0 : 1;
}

int main_with(int argc, char** argv) {
  set_log_sink([](LogLevel, std::string_view) {});
  CampaignOptions options;
  std::string one, known;
  bool list = false, remove = false;
  std::vector<std::string> sites;
  CLI::App app{"cuts the power, and looks"};
  app.add_option("--cuts", options.cuts);
  app.add_option("--seed", options.seed);
  app.add_option("--survivors", options.survivors)->check(CLI::PositiveNumber);
  app.add_option("--world", options.worlds, "only these; repeat it for more");
  app.add_option("--case", one);
  app.add_option("--ignore-sync", options.ignored_site);
  app.add_option("--known", known, "lines SITE: CASE, tried first (sync_cases.txt)");
  app.add_flag("--list-syncs", list);
  app.add_flag("--remove-syncs", remove);
  app.add_option("sites", sites);
  CLI11_PARSE(app, argc, argv);
  if (!one.empty()) {
    return run_one(one, options.ignored_site);
  }
  return list ? list_syncs() : remove ? remove_syncs(options, sites, known) : campaign(options);
}

}  // namespace
}  // namespace pawl::powercut

int main(int argc, char** argv) {
  return pawl::powercut::main_with(argc, argv);
}
