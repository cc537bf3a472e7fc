#include "tests/powercut/renew_world.h"

#include "app/commands/command.h"
#include "base/assert.h"
#include "base/json.h"
#include "foundation/ledger/checkpoint.h"
#include "tests/powercut/command_world.h"
#include "tests/powercut/daemon_world.h"
#include "tests/powercut/remembered_keys.h"

namespace pawl::powercut {
namespace {

constexpr const char* kConfig = "pawl.yaml";
constexpr const char* kNewHead = "home/head.note";
constexpr const char* kBegun = "head file begun";

Life::Options options(std::uint64_t life) {
  return {life, 128u << 10, false, true};
}

// Killed with reads and calls open, and a batch that is written and not synced.
const Image& killed_image() {
  static const Image image = [] {
    const KeySequence own("killed image");
    Image made;
    made.files = std::make_unique<FaultFiles>();
    FaultFiles& files = *made.files;
    files.put("srv/head/.keep", "");
    files.put("home/.keep", "");
    files.put(kConfig, "domain: example.org\nnode: gw1\ndata: " + kData +
                           "\nhead_file: " + kHeadFile + "\n");
    Life::put_rules(files, 1);
    Life life(files, made.promises, options(0));
    PAWL_CHECK(life.start().has_value(), "the daemon starts");
    life.run({Step::kEnrolOperator, Step::kCall, Step::kStop, Step::kReadLeftOpen,
              Step::kCallReadOnly, Step::kCallLeftOpen, Step::kReceipt});
    std::uint64_t syncs = 0;
    files.set_hook([&](const FaultFiles::Call& call) {
      if (call.operation == FaultFiles::Operation::kSync && call.path.ends_with(".seg") &&
          ++syncs == 2) {
        files.cut_power_at(call.number);  // of the outcome
      }
    });
    life.run({Step::kCall});
    files.set_hook(nullptr);
    return made;
  }();
  return image;
}

// Nothing of a read is lost any more, in whatever log it stands now.
void renewed(Promises& promises, const std::string& answer) {
  const Result<json::Parsed> parsed = json::parse(answer);
  const json::Value* number = parsed ? json::find(parsed->value, {"number"}) : nullptr;
  PAWL_CHECK(number != nullptr, "pawl ledger renew --json names the log");
  promises.logs = std::max(promises.logs, number->to_number<std::uint64_t>());
  for (auto& [id, effect] : promises.effects) {
    effect.note_is_durable = effect.note_is_durable || !effect.may_lack_record;
  }
}

}  // namespace

std::unique_ptr<FaultFiles> RenewWorld::begin(Promises& promises) const {
  promises = killed_image().promises;
  return killed_image().files->kill();
}

std::string RenewWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life,
                             bool) const {
  if (!promises.agents.contains(kBegun)) {
    const Ran head = run_pawl(files, life, {"ledger", "head", "--data", kData, "-o", kNewHead});
    if (head.exit_code == kExitGood) {
      promises.agents[kBegun] = files.contents(kNewHead).value_or("");
    } else if (files.faulted().empty() && !files.contents(kNewHead) &&
               head.err.find("no checkpoint was published yet") == head.err.npos) {
      return told("ledger head", head);
    }
  }
  const Ran renew = run_pawl(files, life, {"ledger", "renew", "--config", kConfig, "--json"});
  if (renew.exit_code == kExitGood) {
    renewed(promises, renew.out);
  } else if (files.faulted().empty() && renew.err.find("no entry yet") == renew.err.npos) {
    return told("ledger renew", renew);
  }
  return "";
}

std::string RenewWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                              bool thorough) const {
  const std::map<std::string, std::string> done = std::exchange(promises.agents, {});
  if (const auto begun = done.find(kBegun); begun != done.end()) {
    if (files.contents(kNewHead) != begun->second) {
      return "the head file that was begun is not there";
    }
    promises.heads.insert(begun->second);
  }
  return check_daemon(files, promises, options(life), 0, thorough);
}

}  // namespace pawl::powercut
