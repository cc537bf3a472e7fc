// ./test flips: one random bit of every byte of a ledger, flipped in turn.
//
// Usage: flips [--entries N] [--every K] [--seed S]     (1,000 entries, every byte)
// Each flip is harmless (the same entries verify) or noticed; anything else is printed and fails.
// Signatures are verified once for each input (tests/powercut/remembered_keys.h): a flip is
// another.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "foundation/ledger/checkpoint.h"
#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/seeded_random.h"

namespace pawl::ledger {
namespace {

struct Plan {
  std::uint64_t entries = 1000;
  std::uint64_t every = 1;  // of so many bytes one
  std::uint64_t seed = 1;
};

struct Counts {
  std::uint64_t bad = 0, undecided = 0, harmless = 0, broken = 0;
};

void write_log(Files& files, std::uint64_t entries) {
  LedgerRig rig;
  std::unique_ptr<Ledger> ledger = *rig.open(files);
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (i % 10 == 3) {
      (void)append_intent_sync(*ledger, i);
    }
    (void)append_entry_sync(*ledger, i, LedgerRig::token(i), i % 10 == 3);
  }
  (void)append_intent_sync(*ledger, entries);
  ledger->save_snapshot(entries, {1, "{}"});
}

// Of the log as it is now: what an auditor pinned before anybody could alter anything.
Trust pinned(Files& files) {
  Trust trust = LedgerRig::trust();
  const std::string note = *read_file(files, "ledger/checkpoint");
  const TreeHead head = *open_checkpoint(note, *VerifierKey::parse(trust.log_vkey));
  trust.pinned_size = head.size;
  trust.pinned_root = base64_encode(view(head.root));
  return trust;
}

// Below `folder`, in order.
void find_files(Files& files, const std::string& folder, std::vector<std::string>& found) {
  for (const std::string& name : files.list(folder).value_or(std::vector<std::string>{})) {
    const std::string path = folder + "/" + name;
    if (const auto below = files.list(path); below && !below->empty()) {
      find_files(files, path, found);
    } else if (files.exists(path)) {
      found.push_back(path);
    }
  }
}

// The bytes of one file, every `every`-th from `first` on.
class Flips {
 public:
  Flips(const FaultFiles& log, const std::vector<std::string>& paths, const Trust& trust)
      : trust_(trust) {
    for (const std::string& path : paths) {
      files_.put(path, *log.contents(path));
    }
    whole_ = verify_folder(files_, "ledger", trust_);
  }

  Counts run(const std::string& path, std::uint64_t first, std::uint64_t every,
             SeededRandom& random) {
    Counts counts;
    const std::string good = *files_.contents(path);
    const std::size_t used = good.find_last_not_of('\0') + 1;
    for (std::uint64_t at = first; at < used; at += every) {
      const unsigned bit = static_cast<unsigned>(random.below(8));
      std::string flipped = good;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      files_.put(path, std::move(flipped));
      // What is bad without keys is bad with them; the keys are for what the tree lets pass.
      Report report = verify_folder(files_, "ledger", std::nullopt);
      if (report.verdict != Verdict::kBad) {
        report = verify_folder(files_, "ledger", trust_);
      }
      count(report, path, at, bit, counts);
    }
    files_.put(path, good);
    return counts;
  }

  const Report& whole() const { return whole_; }

 private:
  void count(const Report& report, const std::string& path, std::uint64_t at, unsigned bit,
             Counts& counts) const {
    const bool is_same = report.entries == whole_.entries && report.outcomes == whole_.outcomes &&
                         report.tokens_verified == whole_.tokens_verified;
    if (report.verdict == Verdict::kBad) {
      ++counts.bad;
    } else if (report.verdict == Verdict::kUnknown) {
      ++counts.undecided;
    } else if (is_same) {
      ++counts.harmless;
    } else {
      ++counts.broken;
      std::printf("BROKEN: %s byte %llu bit %u: good, with other entries\n", path.c_str(),
                  static_cast<unsigned long long>(at), bit);
    }
  }

  FaultFiles files_;
  const Trust& trust_;
  Report whole_;
};

// A file's bytes shared out between the cores.
Counts flip_file(const FaultFiles& log, const std::vector<std::string>& paths,
                 const std::string& path, const Trust& trust, const Plan& plan) {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Counts> found(cores);
  std::vector<std::thread> threads;
  for (unsigned core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      SeededRandom random(plan.seed * cores + core);
      Flips flips(log, paths, trust);
      const std::uint64_t first = random.below(plan.every) + core * plan.every;
      found[core] = flips.run(path, first, plan.every * cores, random);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  Counts all;
  for (const Counts& one : found) {
    all.bad += one.bad;
    all.undecided += one.undecided;
    all.harmless += one.harmless;
    all.broken += one.broken;
  }
  return all;
}

int run(const Plan& plan) {
  FaultFiles log;
  write_log(log, plan.entries);
  const Trust trust = pinned(log);
  std::vector<std::string> paths;
  find_files(log, "ledger", paths);
  if (Flips(log, paths, trust).whole().verdict != Verdict::kGood) {
    std::cerr << "flips: the log does not verify as it was written\n";
    return 1;
  }
  std::cout << "seed " << plan.seed << ", " << plan.entries << " entries\n";
  Counts all;
  for (const std::string& path : paths) {
    const Counts one = flip_file(log, paths, path, trust, plan);
    std::printf("  %-36s %8llu bad %6llu undecided %6llu harmless\n", path.c_str(),
                static_cast<unsigned long long>(one.bad),
                static_cast<unsigned long long>(one.undecided),
                static_cast<unsigned long long>(one.harmless));
    std::fflush(stdout);
    all.bad += one.bad;
    all.broken += one.broken;
    all.undecided += one.undecided;
    all.harmless += one.harmless;
  }
  const std::uint64_t flips = all.bad + all.undecided + all.harmless + all.broken;
  std::cout << flips << " flips, " << all.broken << " neither harmless nor noticed\n";
  // The segments are nearly all of it, and nearly all of them is covered.
  return all.broken == 0 && all.bad > flips / 2 ? 0 : 1;
}

}  // namespace
}  // namespace pawl::ledger

int main(int argc, char** argv) {
  CLI::App app{"Flips one random bit of every byte of a ledger, and verifies it each time"};
  pawl::ledger::Plan plan;
  app.add_option("--entries", plan.entries)->check(CLI::Range(8, 100'000));
  app.add_option("--every", plan.every)->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", plan.seed);
  CLI11_PARSE(app, argc, argv);
  return pawl::ledger::run(plan);
}
