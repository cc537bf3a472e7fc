// Fills the ledger of a data folder with signed records, by the real writer and the folder's own
// keys, so that starting with a large ledger can be measured.
//
// Usage: fill_ledger DATA ORIGIN COUNT    DATA has keys: `pawl serve` ran there before and ended
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "benchmarks/foundation/ledger/caller_loop.h"
#include "benchmarks/foundation/ledger/sample_record.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/ledger.h"

namespace {

constexpr std::size_t kOpen = 4096;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "fill_ledger: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace pawl;
  if (argc != 4) {
    give_up("usage: fill_ledger DATA ORIGIN COUNT");
  }
  const std::string data = argv[1];
  Result<Keystore> keys = Keystore::open(system_files(), data + "/keys");
  if (!keys) {
    give_up(keys.error().message);
  }
  bench::CallerLoop loop;
  ledger::Options options;
  options.origin = argv[2];
  ledger::Recovery recovery;
  Result<std::unique_ptr<ledger::Ledger>> opened = ledger::Ledger::open(
      system_files(), data + "/ledger", keys->log_key(), system_clock(),
      [&](std::function<void()> work) { loop.post(std::move(work)); }, options, 1,
      [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
  if (!opened) {
    give_up(opened.error().message);
  }
  bench::SampleRecords records(keys->instance_key(), keys->instance_kid(), system_random());
  std::size_t left = std::strtoull(argv[3], nullptr, 10);
  std::size_t open = 0;
  std::function<void()> append = [&] {
    --left;
    ++open;
    (*opened)->append_entry(records.signed_now(), [&](Result<ledger::EntryRef> ref) {
      if (!ref) {
        give_up(ref.error().message);
      }
      --open;
      if (left > 0) {
        append();
      }
    });
  };
  while (left > 0 && open < kOpen) {
    append();
  }
  loop.run_until([&] { return open == 0; });
  std::printf("{\"entries\":%llu}\n", static_cast<unsigned long long>((*opened)->size()));
  return 0;
}
