#include "tests/powercut/command_world.h"
#include "tests/powercut/daemon_world.h"
#include "tests/powercut/monitor_world.h"
#include "tests/powercut/prune_world.h"
#include "tests/powercut/renew_world.h"
#include "tests/powercut/vault_world.h"
#include "tests/powercut/witness_world.h"

namespace pawl::powercut {

std::unique_ptr<World> make_world(const std::string& name, std::uint64_t seed) {
  using S = Step;
  const std::vector<Step> everything = {
      S::kEnrolOperator, S::kCall,       S::kStop,       S::kCallLost,   S::kBurst,
      S::kCallReadOnly,  S::kSnapshot,   S::kResume,     S::kReload,     S::kReadLeftOpen,
      S::kReceipt,       S::kCallFailed, S::kCallDenied, S::kStopSigned, S::kEnrolAgent,
      S::kCallLeftOpen,  S::kCall};
  const std::vector<Step> grow = {
      S::kCall,         S::kBurst, S::kReceipt, S::kCallLost, S::kStop, S::kBurst, S::kSnapshot,
      S::kCallLeftOpen, S::kCall,  S::kResume,  S::kReceipt,  S::kCall, S::kRevoke};
  const std::vector<Step> renewals = {
      S::kEnrolOperator, S::kCallReadOnly, S::kCallLeftOpen, S::kStop,     S::kRenew,
      S::kReceipt,       S::kScrub,        S::kResume,       S::kDayLater, S::kCall};
  const std::vector<Step> rotations = {S::kCall,  S::kRotateKey, S::kCall,    S::kRotateKey,
                                       S::kRenew, S::kRotateKey, S::kReceipt, S::kCall};
  const std::vector<Step> revocations = {
      S::kEnrolOperator, S::kCall,     S::kRevoke,  S::kCallLeftOpen, S::kRevoke,
      S::kRestore,       S::kSnapshot, S::kRevoke,  S::kRenew,        S::kRevoke,
      S::kStop,          S::kRestore,  S::kReceipt, S::kRestore,      S::kCall};
  if (name == "revoked") {
    return std::make_unique<DaemonWorld>(
        DaemonWorld::Script{false, true, false, revocations, true});
  }
  if (name == "first-start") {
    return std::make_unique<DaemonWorld>(DaemonWorld::Script{false, true, false, everything});
  }
  if (name == "grown") {
    return std::make_unique<DaemonWorld>(DaemonWorld::Script{true, true, false, grow});
  }
  if (name == "ahead") {
    return std::make_unique<DaemonWorld>(
        DaemonWorld::Script{true, false, false, {S::kStop, S::kCall, S::kCall, S::kReceipt}});
  }
  if (name == "full") {
    return std::make_unique<DaemonWorld>(DaemonWorld::Script{true, false, true, grow});
  }
  if (name == "renewed") {
    return std::make_unique<DaemonWorld>(DaemonWorld::Script{false, true, false, renewals, true});
  }
  if (name == "rotated") {
    return std::make_unique<DaemonWorld>(DaemonWorld::Script{false, true, false, rotations, true});
  }
  if (name == "random") {
    return std::make_unique<DaemonWorld>(random_script(seed));
  }
  if (name == "renewed-by-hand") {
    return std::make_unique<RenewWorld>();
  }
  if (name == "pruned") {
    return std::make_unique<PruneWorld>();
  }
  if (name == "init") {
    return std::make_unique<InitWorld>();
  }
  if (name == "evidence") {
    return std::make_unique<EvidenceWorld>();
  }
  if (name == "witness") {
    return std::make_unique<WitnessWorld>();
  }
  if (name == "monitor") {
    return std::make_unique<MonitorWorld>();
  }
  if (name == "vault") {
    return std::make_unique<VaultWorld>();
  }
  return nullptr;
}

std::vector<std::string> world_names() {
  return {"first-start", "grown",    "ahead",   "renewed", "rotated", "revoked", "renewed-by-hand",
          "init",        "evidence", "witness", "monitor", "vault",   "pruned"};
}

}  // namespace pawl::powercut
