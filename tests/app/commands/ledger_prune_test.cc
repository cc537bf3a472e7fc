// `pawl ledger prune`: what is old goes, what is in force and every proof stay, and nobody can
// delete entries without a record that says so.
#include <gtest/gtest.h>

#include "app/commands/pruning_plan.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/verify.h"
#include "tests/app/commands/command_rig.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEntries = 1400;
constexpr std::uint64_t kOldReceipt = 7;  // of an entry that goes
const std::string kLog = "pawl-data/ledger";

class LedgerPrune : public CommandRig {
 protected:
  void SetUp() override {
    CommandRig::SetUp();
    configure("600s");
    std::vector<std::string> tokens = {
        token(0, "ledger.opened",
              {{"log_key", keys().log_key().public_key().thumbprint()},
               {"token_key", keys().instance_kid()},
               {"format", 1}}),
        token(1, "policy.activated", {{"digest", "abc"}, {"rules", 1}})};
    for (std::uint64_t i = tokens.size(); i < kEntries; ++i) {
      tokens.push_back(call(i, "confirmed"));
    }
    append(tokens);
    ASSERT_EQ(run({"trust", "pin", "pawl-data", "-o", "log.trust"}).exit, 0);
  }
  void configure(const std::string& records) {
    write("pawl.yaml", R"({"domain": "example.org", "node": "gw1", "data": "pawl-data", )"
                       R"("retention": {"records": ")" +
                           records + "\"}}");
  }
  Ran prune(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"ledger", "prune", "--config", "pawl.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  json::Value verified(const std::string& what = "pawl-data") {
    const Ran ran = run({"verify", what, "--trust", "log.trust", "--json"});
    const Result<json::Parsed> parsed = json::parse(ran.out);
    return parsed ? parsed->value : json::Value();
  }
  std::string verdict(const std::string& what = "pawl-data") {
    const json::Value answer = verified(what);
    return std::string(json::find_string(answer, {"verdict"}).value_or("?")) + ": " +
           std::string(json::find_string(answer, {"reason"}).value_or(""));
  }
  std::uint64_t minimum() {
    const auto found = ledger::read_minimum(system_files(), kLog);
    return found && *found ? (*found)->index : 0;
  }
  std::size_t segments() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(kLog + "/segments"), fs::directory_iterator()));
  }
};

TEST_F(LedgerPrune, NothingHappensInAFolderIntoWhichOthersMayWrite) {
  for (const std::string& folder : {std::string("pawl-data"), kLog}) {
    fs::permissions(folder, fs::perms::all);
    const Ran ran = prune();
    EXPECT_NE(ran.exit, 0) << folder;
    EXPECT_NE(ran.err.find("chmod go-w"), std::string::npos) << ran.err;
    fs::permissions(folder, fs::perms::owner_all);
  }
  EXPECT_EQ(minimum(), 0u);
  EXPECT_EQ(prune().exit, 0);
}

TEST_F(LedgerPrune, OldRecordsGoAndEveryProofStays) {
  const std::string old = std::to_string(kOldReceipt);
  ASSERT_EQ(run({"ledger", "prove", old, "-o", "old"}).exit, 0);
  const std::size_t segments_before = segments();

  const Ran dry = prune({"--dry-run"});
  EXPECT_EQ(dry.exit, 0) << dry.err;
  EXPECT_EQ(minimum(), 0u);
  EXPECT_EQ(segments(), segments_before);

  const Ran ran = prune({"--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ASSERT_GE(minimum(), 256u);
  EXPECT_LE(minimum(), 800u);  // nothing of the last 600 seconds, an entry each
  EXPECT_EQ(minimum() % 256, 0u);
  EXPECT_LT(segments(), segments_before);

  const json::Value answer = verified();
  EXPECT_EQ(json::find_string(answer, {"verdict"}), "good") << json::print(answer);
  EXPECT_EQ(json::find(answer, {"pruned", "minimum"})->to_number<std::uint64_t>(), minimum());
  EXPECT_EQ(json::find(answer, {"pruned", "record_index"})->to_number<std::uint64_t>(), kEntries);
  EXPECT_EQ(json::find(answer, {"pruned", "gone"})->to_number<std::uint64_t>(), minimum() - 2);

  EXPECT_EQ(run({"verify", "old.token", "--proof", "old.tlog-proof", "--trust", "log.trust"}).exit,
            0);
  const Ran gone = run({"ledger", "show", old});
  EXPECT_EQ(gone.exit, 2);
  EXPECT_NE(gone.err.find("entry 7 was pruned"), std::string::npos) << gone.err;
  const Ran unknown = run({"ledger", "show", record_id(kOldReceipt).text()});
  EXPECT_NE(unknown.err.find("were pruned, as record"), std::string::npos) << unknown.err;
  for (const std::string kept : {"0", "1", "1000", "1400"}) {
    EXPECT_EQ(run({"ledger", "show", kept}).exit, 0) << kept;
    ASSERT_EQ(run({"ledger", "prove", kept, "-o", "kept" + kept}).exit, 0) << kept;
    EXPECT_EQ(run({"verify", "kept" + kept + ".token", "--proof", "kept" + kept + ".tlog-proof",
                   "--trust", "log.trust"})
                  .exit,
              0)
        << kept;
  }
  const Ran scrub = run({"scrub"});
  EXPECT_EQ(scrub.exit, 0) << scrub.out << scrub.err;

  ASSERT_EQ(run({"ledger", "export", "bundle"}).exit, 0);
  EXPECT_EQ(verdict("bundle").substr(0, 5), "good:") << verdict("bundle");
  EXPECT_NE(verdict("bundle").find("were pruned on"), std::string::npos);
}

TEST_F(LedgerPrune, AnotherTimeGoesOnFromTheFirst) {
  configure("1200s");
  ASSERT_EQ(prune().exit, 0);
  EXPECT_EQ(minimum(), 0u) << "no whole segment is so old";
  configure("800s");
  ASSERT_EQ(prune().exit, 0);
  const std::uint64_t first = minimum();
  configure("300s");
  ASSERT_EQ(prune().exit, 0);
  EXPECT_GT(minimum(), first);
  EXPECT_GT(first, 0u);
  EXPECT_EQ(verdict().substr(0, 5), "good:") << verdict();
  ASSERT_EQ(prune().exit, 0);
  EXPECT_EQ(verdict().substr(0, 5), "good:") << verdict();
  EXPECT_EQ(run({"scrub"}).exit, 0);
}

// The bound of what stays, down to the byte: more of it is no pruning, and nothing is deleted.
TEST_F(LedgerPrune, MoreThanTheBoundIsNotKept) {
  EXPECT_EQ(kMaxKeptBytes, 128u << 20);
  ledger::Options options;
  options.origin = "example.org/pawl/gw1";
  options.segment_bytes = 256 * 1024;
  options.reserve_bytes = 0;
  ledger::Recovery recovery;
  const auto log = ledger::Ledger::open(
      system_files(), kLog, keys().log_key(), clock_, [](std::function<void()> done) { done(); },
      options, 1, [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {},
      recovery);
  ASSERT_TRUE(log) << log.error().message;
  constexpr std::int64_t kAllOld = std::int64_t{1} << 40;
  const auto whole = plan_pruning(system_files(), kLog, **log, kAllOld);
  ASSERT_TRUE(whole && *whole) << whole.error().message;
  std::size_t bytes = 0;
  for (const auto& [index, token] : (*whole)->kept) {
    bytes += token.size();
  }
  ASSERT_GT((*whole)->kept.size(), 1u);
  const auto just = plan_pruning(system_files(), kLog, **log, kAllOld, bytes);
  EXPECT_TRUE(just && *just);
  const std::size_t before = segments();
  const auto over = plan_pruning(system_files(), kLog, **log, kAllOld, bytes - 1);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::kTooLarge);
  EXPECT_NE(over.error().message.find("would be kept"), std::string::npos);
  EXPECT_EQ(segments(), before);
  EXPECT_EQ(minimum(), 0u);
}

TEST_F(LedgerPrune, RefusesWhatTheRetentionForbids) {
  const Ran shorter = prune({"--older-than", "599s"});
  EXPECT_NE(shorter.exit, 0);
  EXPECT_NE(shorter.err.find("retention.records"), std::string::npos) << shorter.err;
  configure("forever");
  EXPECT_NE(prune().exit, 0);
  EXPECT_NE(prune({"--older-than", "1000d"}).exit, 0);
  EXPECT_EQ(minimum(), 0u);
}

TEST_F(LedgerPrune, MissingEntriesWithoutTheirRecordStayProvenBad) {
  ASSERT_EQ(prune().exit, 0);
  const auto good = *ledger::read_minimum(system_files(), kLog);
  const std::string kept_file = ledger::kept_path(kLog, good->record_index);
  const std::string kept = read(kept_file);
  const struct {
    const char* what;
    std::function<void()> change;
  } cases[] = {
      {"no minimum index", [&] { fs::remove(ledger::minimum_path(kLog)); }},
      {"another record",
       [&] {
         ledger::Minimum other = *good;
         --other.record_index;
         write(ledger::kept_path(kLog, other.record_index), kept);
         write(ledger::minimum_path(kLog), ledger::print_minimum(other));
       }},
      {"a higher minimum index",
       [&] {
         ledger::Minimum other = *good;
         other.index += 256;
         write(ledger::minimum_path(kLog), ledger::print_minimum(other));
       }},
      {"a kept entry less",
       [&] {
         ledger::KeptEntries fewer = *ledger::parse_kept(kept);
         fewer.erase(1);
         write(kept_file, ledger::print_kept(fewer));
       }},
      {"a kept entry more",
       [&] {
         ledger::KeptEntries more = *ledger::parse_kept(kept);
         more[5] = call(5, "confirmed");  // signed anew: other bytes
         write(kept_file, ledger::print_kept(more));
       }},
      {"no kept entries", [&] { fs::remove(kept_file); }},
      {"a tile of what is gone",
       [&] {
         std::string tile = read(kLog + "/tile/0/000");
         tile[100] ^= 1;
         write(kLog + "/tile/0/000", tile);
       }},
  };
  fs::copy("pawl-data", "whole", fs::copy_options::recursive);
  for (const auto& test : cases) {
    test.change();
    EXPECT_EQ(verdict().substr(0, 4), "bad:") << test.what << ": " << verdict();
    EXPECT_NE(run({"scrub"}).exit, 0) << test.what;
    fs::remove_all("pawl-data");
    fs::copy("whole", "pawl-data", fs::copy_options::recursive);
  }
  EXPECT_EQ(verdict().substr(0, 5), "good:") << verdict();
}

// Without the decisions of the pruned entries nothing may begin.
TEST_F(LedgerPrune, ADamagedBaseIsNoEmptyState) {
  ASSERT_EQ(prune().exit, 0);
  fs::remove(kLog + "/snapshot");
  EXPECT_EQ(prune().exit, 0) << "the base alone is enough";
  const auto minimum = *ledger::read_minimum(system_files(), kLog);
  const std::string base = ledger::base_path(kLog, minimum->record_index);
  const std::string whole = read(base);
  fs::remove(kLog + "/snapshot");
  write(base, whole.substr(0, whole.size() / 2));
  const Ran ran = prune();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.err.find("restore one of them from a backup"), std::string::npos) << ran.err;
}

// Interrupted anywhere it was not begun, or the next one ends it; the log is good each time.
TEST_F(LedgerPrune, APowerCutAnywhereLeavesAGoodLog) {
  FaultFiles image;
  for (const auto& entry : fs::recursive_directory_iterator("pawl-data")) {
    if (entry.is_regular_file()) {
      image.put(entry.path().string(), read(entry.path().string()));
    }
  }
  image.put("pawl.yaml", read("pawl.yaml"));
  const std::optional<ledger::Trust> trust = *ledger::parse_trust(read("log.trust"));
  const auto prune_in = [&](Files& files) {
    std::istringstream in;
    std::ostringstream out, err;
    Context context{files, clock_, system_random(),
                    [](const std::string&) { return std::optional<std::string>(); },
                    Console{in, out, err}};
    CLI::App root{"pawl", "pawl"};
    add_common_options(root, context);
    add_ledger(root, context);
    return run_command(root, {"ledger", "prune", "--config", "pawl.yaml"}, context);
  };
  constexpr std::uint64_t kStep = 5;
  for (std::uint64_t call = 1;; call += kStep) {
    std::unique_ptr<FaultFiles> files = image.kill();
    files->cut_power_at(call);
    const bool done = prune_in(*files) == 0;
    const bool reached = files->calls() >= call;
    std::unique_ptr<FaultFiles> after = files->power_cut(call);
    ledger::Report report = ledger::verify_folder(*after, kLog, trust);
    EXPECT_EQ(report.verdict, ledger::Verdict::kGood) << call << ": " << report.reason;
    EXPECT_TRUE(!done || report.pruned.minimum > 0) << call;
    EXPECT_EQ(prune_in(*after), 0) << call;
    report = ledger::verify_folder(*after, kLog, trust);
    EXPECT_EQ(report.verdict, ledger::Verdict::kGood) << call << ": " << report.reason;
    EXPECT_GT(report.pruned.minimum, 0u) << call;
    EXPECT_FALSE(after->contents(kLog + "/segments/000000000001.seg")) << call;
    if (HasFailure() || !reached) {
      EXPECT_GT(call, 50u);
      break;
    }
  }
}

}  // namespace
}  // namespace pawl
