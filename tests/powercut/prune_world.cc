#include "tests/powercut/prune_world.h"

#include "app/commands/command.h"
#include "base/assert.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/scrub.h"
#include "tests/powercut/command_world.h"
#include "tests/powercut/daemon_world.h"
#include "tests/powercut/remembered_keys.h"

namespace pawl::powercut {
namespace {

constexpr const char* kConfig = "pawl.yaml";
constexpr std::uint64_t kOldEntries = 300;  // more than a tile
constexpr std::uint64_t kImageLives = 2;
constexpr std::chrono::hours kMuchLater{24 * 30};
constexpr const char* kPruned = "pruned";  // somebody was told so

const std::string kLedger = kData + "/ledger";

Life::Options options(std::uint64_t life) {
  return {life + kImageLives, 128u << 10, false, false};
}

// An hour lies between the old records and the newer ones.
const Image& pruned_image() {
  static const Image image = [] {
    const KeySequence own("pruned image");
    Image made;
    made.files = std::make_unique<FaultFiles>();
    FaultFiles& files = *made.files;
    files.put("srv/.keep", "");
    files.put("home/.keep", "");
    files.put(kConfig,
              "domain: example.org\nnode: gw1\ndata: " + kData + "\nretention: { records: 10m }\n");
    Life::put_rules(files, 1);
    for (std::uint64_t number = 0; number < kImageLives; ++number) {
      Life life(files, made.promises, {number, 128u << 10, false, false});
      PAWL_CHECK(life.start().has_value(), "the daemon starts");
      if (number == 0) {
        life.run({Step::kEnrolOperator, Step::kStop});
      }
      const std::uint64_t most = kOldEntries + number * 100;
      while (life.governance().ledger().size() < most) {
        life.step(Step::kCallReadOnly);
      }
      life.step(Step::kFinish);
    }
    return made;
  }();
  return image;
}

Ran prune(FaultFiles& files, std::uint64_t life) {
  return run_pawl(files, life, {"ledger", "prune", "--config", kConfig, "--json"}, "", kMuchLater);
}

// Of what may go nothing is promised any more.
void forget_old(Promises& promises, std::uint64_t minimum, FaultFiles& files) {
  const Status walked = ledger::walk(
      files, kData,
      {.entry =
           [&](std::uint64_t index, std::string_view token) {
             const bool old = index < minimum;
             if (old) {
               promises.records.erase({1, index});
               const jose::Jws jws = *jose::decode(std::string(token), token.size() + 1);
               const Uuid id = *Uuid::parse(*json::find_string(jws.payload, {"jti"}));
               promises.effects.erase(id);
               promises.asked.erase(id);
             }
             return old;
           },
       .intent = {},
       .checkpoint = {}});
  PAWL_CHECK(walked.has_value(), "the image reads");
}

// Also what a start does not need while there is a newer snapshot.
std::string scrubbed(FaultFiles& files) {
  Result<std::unique_ptr<ledger::ScrubPass>> pass = ledger::scrub_folder(files, kLedger);
  Status read = pass ? Status{} : Status(fail(pass.error()));
  while (read && !(*pass)->done()) {
    const Result<std::size_t> slice = (*pass)->step(1u << 20);
    read = slice ? Status{} : Status(fail(slice.error()));
  }
  return read ? "" : "scrub: " + read.error().message;
}

}  // namespace

std::unique_ptr<FaultFiles> PruneWorld::begin(Promises& promises) const {
  static const std::uint64_t minimum = [] {
    const std::unique_ptr<FaultFiles> files = pruned_image().files->kill();
    const Ran ran = prune(*files, 1);
    const auto found = ledger::read_minimum(*files, kLedger);
    PAWL_CHECK(ran.exit_code == kExitGood && found && *found, "the image can be pruned");
    return (*found)->index;
  }();
  promises = pruned_image().promises;
  std::unique_ptr<FaultFiles> files = pruned_image().files->kill();
  forget_old(promises, minimum, *files);
  return files;
}

std::string PruneWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life,
                             bool) const {
  const Ran ran = prune(files, life);
  if (ran.exit_code == kExitGood) {
    promises.agents[kPruned] = ran.out;
  } else if (files.faulted().empty()) {
    return told("ledger prune", ran);
  }
  return "";
}

std::string PruneWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                              bool thorough) const {
  const bool was_told = promises.agents.erase(kPruned) > 0;
  const auto minimum = ledger::read_minimum(files, kLedger);
  if (was_told && (!minimum || !*minimum)) {
    return "the pruning that was acknowledged is forgotten";
  }
  if (was_told && files.contents(ledger::segment_path(kLedger, 1))) {
    return "the entries that were pruned are there again";
  }
  const std::string found = check_daemon(files, promises, options(life), 0, thorough);
  return found.empty() ? scrubbed(files) : found;
}

}  // namespace pawl::powercut
