// `./test sim`: runs simulated worlds from seeds; a failure names the seed that replays it.
//
//   pawl_sim [--seed N | --seeds FIRST COUNT] [--agents N] [--calls N]
//
// Each seed runs twice: the same seed gives the same log, byte for byte.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/log.h"
#include "tests/sim/adapters.h"
#include "tests/sim/world.h"

namespace pawl::sim {
namespace {

constexpr std::size_t kAdapterSteps = 20'000;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  WorldSize size;
};

Options read_options(const std::vector<std::string>& words) {
  Options out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = [&] {
      return i + 1 < words.size() ? std::strtoull(words[++i].c_str(), nullptr, 10) : 0;
    };
    if (words[i] == "--seed") {
      out.first = number();
    } else if (words[i] == "--seeds") {
      out.first = number();
      out.count = number();
    } else if (words[i] == "--agents") {
      out.size.agents = number();
    } else if (words[i] == "--calls") {
      out.size.calls = number();
    } else {
      std::fprintf(stderr, "pawl_sim: unknown option \"%s\"\n", words[i].c_str());
      std::exit(2);
    }
  }
  return out;
}

void print(std::uint64_t seed, const Summary& one) {
  std::printf(
      "seed %llu: %zu calls, %zu reached a server, %zu answered, %zu records; %zu restarts "
      "(%zu cuts inside a file call), %zu stops, %zu resumes, %zu rule changes, %zu clock steps; "
      "longest call %lld ms of %lld s; ledger %.12s\n",
      static_cast<unsigned long long>(seed), one.calls, one.written, one.released, one.records,
      one.restarts, one.power_cuts_inside, one.stops, one.resumes, one.reloads, one.steps,
      static_cast<long long>(one.longest_us / 1000),
      static_cast<long long>(one.virtual_us / 1000000), one.ledger_digest.c_str());
  std::fflush(stdout);
}

void failed(std::uint64_t seed, const std::string& moment, const Violation& broken) {
  std::printf("seed %llu FAILED at %s: %s\nreplay: ./test sim --seed %llu\n",
              static_cast<unsigned long long>(seed), moment.c_str(), broken.what(),
              static_cast<unsigned long long>(seed));
}

bool run_adapters(std::uint64_t seed, const WorldSize& size) {
  std::string first_digest;
  for (const bool again : {false, true}) {
    Adapters adapters(seed, size.agents, kAdapterSteps);
    try {
      const AdapterSummary one = adapters.run();
      if (!again) {
        std::printf(
            "  adapters: %zu sessions (%zu shed), %zu rounds, %zu handles, %zu misuses "
            "refused, %zu restarts\n",
            one.sessions, one.shed, one.rounds, one.handles, one.refused, one.restarts);
        first_digest = one.digest;
      } else if (one.digest != first_digest) {
        throw Violation("the same seed gave other ids");
      }
    } catch (const Violation& broken) {
      failed(seed, adapters.moment(), broken);
      return false;
    }
  }
  return true;
}

bool run_seed(std::uint64_t seed, const WorldSize& size) {
  std::string first_digest;
  for (const bool again : {false, true}) {
    World world(seed, size);
    try {
      const Summary summary = world.run();
      if (!again) {
        print(seed, summary);
        first_digest = summary.ledger_digest;
      } else if (summary.ledger_digest != first_digest) {
        throw Violation("the same seed gave another ledger");
      }
    } catch (const Violation& broken) {
      failed(seed, world.moment(), broken);
      return false;
    }
  }
  return run_adapters(seed, size);
}

}  // namespace
}  // namespace pawl::sim

int main(int argc, char** argv) {
  const auto options = pawl::sim::read_options({argv + 1, argv + argc});
  pawl::set_log_sink([](pawl::LogLevel, std::string_view line) {
    if (std::getenv("SIM_LOG") != nullptr) {
      std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    }
  });
  std::uint64_t failed = 0;
  constexpr std::size_t kAgents[] = {40, 200, 1000, 5000};
  for (std::uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
    pawl::sim::WorldSize size = options.size;
    size.agents = size.agents == 0 ? kAgents[seed % 4] : size.agents;
    failed += pawl::sim::run_seed(seed, size) ? 0 : 1;
  }
  std::printf("%llu seeds, %llu failed\n", static_cast<unsigned long long>(options.count),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
