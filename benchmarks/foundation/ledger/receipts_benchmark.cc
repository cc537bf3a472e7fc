// Durable receipts through the ledger alone: callers that each append a record, wait until it is
// durable and under a signed checkpoint, and append the next.
//
// Usage: receipts_benchmark FOLDER CALLERS SECONDS kept|signed|proven
//   kept    tokens signed before: the ledger alone
//   signed  each token is signed first, on the callers' thread
//   proven  kept, and each caller also takes the receipt (inclusion proof and checkpoint)
// FOLDER is made and must be on the disk that is measured. Prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "benchmarks/foundation/ledger/caller_loop.h"
#include "benchmarks/foundation/ledger/sample_record.h"
#include "foundation/ledger/ledger.h"

namespace pawl::bench {
namespace {

using Steady = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "receipts_benchmark: %s\n", why.c_str());
  std::exit(1);
}

class Benchmark {
 public:
  Benchmark(ledger::Ledger& ledger, SampleRecords& records, const std::string& mode,
            double warm_up_s, double seconds)
      : ledger_(ledger),
        records_(records),
        sign_(mode == "signed"),
        prove_(mode == "proven"),
        counted_from_(Steady::now() + duration(warm_up_s)),
        end_(counted_from_ + duration(seconds)) {}

  void append() {
    ++open_;
    const Steady::time_point begin = Steady::now();
    ledger_.append_entry(sign_ ? records_.signed_now() : records_.signed_before(),
                         [this, begin](Result<ledger::EntryRef> ref) { durable(begin, ref); });
  }
  bool done() const { return open_ == 0; }
  std::vector<double> latencies_ms() && { return std::move(latencies_ms_); }

 private:
  static Steady::duration duration(double seconds) {
    return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  }
  void durable(Steady::time_point begin, const Result<ledger::EntryRef>& ref) {
    if (!ref) {
      give_up(ref.error().message);
    }
    if (prove_ && !ledger_.receipt(ref->index)) {
      give_up("no receipt for a durable entry");
    }
    --open_;
    const Steady::time_point now = Steady::now();
    if (now >= counted_from_ && now < end_) {
      latencies_ms_.push_back(std::chrono::duration<double, std::milli>(now - begin).count());
    }
    if (now < end_) {
      append();
    }
  }

  ledger::Ledger& ledger_;
  SampleRecords& records_;
  const bool sign_;
  const bool prove_;
  const Steady::time_point counted_from_;
  const Steady::time_point end_;
  std::size_t open_ = 0;
  std::vector<double> latencies_ms_;
};

int run(const std::string& folder, std::size_t callers, double seconds, const std::string& mode) {
  Result<SigningKey> log_key = SigningKey::generate(KeyKind::kEd25519);
  Result<SigningKey> token_key = SigningKey::generate(KeyKind::kP256);
  if (!log_key || !token_key) {
    give_up("no keys");
  }
  CallerLoop loop;
  ledger::Options options;  // the shipped defaults
  options.origin = "example.org/pawl/gw1";
  ledger::Recovery recovery;
  Result<std::unique_ptr<ledger::Ledger>> opened = ledger::Ledger::open(
      system_files(), folder, *log_key, system_clock(),
      [&](std::function<void()> work) { loop.post(std::move(work)); }, options, 1,
      [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
  if (!opened) {
    give_up(opened.error().message);
  }
  ledger::Ledger& ledger = **opened;
  SampleRecords records(*token_key, token_key->public_key().thumbprint(), system_random());

  Benchmark benchmark(ledger, records, mode, 0.5, seconds);
  const ledger::Ledger::Stats before = ledger.stats();
  for (std::size_t i = 0; i < callers; ++i) {
    benchmark.append();
  }
  loop.run_until([&] { return benchmark.done(); });
  const ledger::Ledger::Stats after = ledger.stats();

  std::vector<double> ms = std::move(benchmark).latencies_ms();
  if (ms.empty()) {
    give_up("nothing became durable");
  }
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  };
  const double batches = static_cast<double>(after.batches - before.batches);
  std::printf(
      "{\"mode\":\"%s\",\"callers\":%zu,\"receipts\":%zu,\"per_second\":%.1f,\"p50_ms\":%.4f,"
      "\"p99_ms\":%.4f,\"max_ms\":%.4f,\"entries_per_sync\":%.2f,\"entry_bytes\":%zu}\n",
      mode.c_str(), callers, ms.size(), static_cast<double>(ms.size()) / seconds, at(0.5), at(0.99),
      ms.back(), static_cast<double>(after.entries - before.entries) / std::max(1.0, batches),
      records.signed_before().token.size());
  return 0;
}

}  // namespace
}  // namespace pawl::bench

int main(int argc, char** argv) {
  const std::string mode = argc == 5 ? argv[4] : "";
  if (mode != "kept" && mode != "signed" && mode != "proven") {
    std::fprintf(stderr, "usage: receipts_benchmark FOLDER CALLERS SECONDS kept|signed|proven\n");
    return 2;
  }
  return pawl::bench::run(argv[1], std::strtoul(argv[2], nullptr, 10), std::atof(argv[3]), mode);
}
