#include "tests/powercut/monitor_world.h"

#include "foundation/ledger/followed_log.h"
#include "tests/foundation/ledger/served_log.h"

namespace pawl::powercut {
namespace {

using ledger::FollowedLog;
using ledger::Look;
using ledger::ServedLog;

constexpr const char* kState = "home/state/monitor";  // the folders above it are not there yet
constexpr const char* kSeen = "size";                 // in Promises::agents: it was told
constexpr const char* kEvidence = "evidence";         // likewise
constexpr std::uint64_t kFork = 2, kSize = 40;

struct Logs {
  ServedLog one, two;
  ledger::Trust trust;

  Logs() : one(key()), two(key()) {
    one.grow(kSize);
    two.grow(kFork);
    two.grow(kSize - kFork, "other");
    trust.log_vkey = one.vkey();
  }
  static SigningKey key() {
    return *SigningKey::from_pem(
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIA6tWEBFQWYVUwFuRYTro//sAWL9OXx/1YtS8PboBl9L\n"
        "-----END PRIVATE KEY-----\n");
  }
};

std::uint64_t seen(const Promises& promises) {
  const auto found = promises.agents.find(kSeen);
  return found == promises.agents.end() ? 0 : std::stoull(found->second);
}

// Of evidence that was told: that it proves what it says.
std::string check_evidence(FaultFiles& files, const std::string& path, const Logs& logs) {
  const auto evidence = ledger::parse_equivocation(files.contents(path).value_or(""));
  const bool proves = evidence && ledger::check_equivocation(*evidence, logs.one.key());
  return proves ? "" : "the evidence of two histories is gone: " + path;
}

}  // namespace

std::unique_ptr<FaultFiles> MonitorWorld::begin(Promises&) const {
  auto files = std::make_unique<FaultFiles>();
  files->put("home/.keep", "");
  return files;
}

std::string MonitorWorld::live(FaultFiles& files, Promises& promises, std::uint64_t, bool) const {
  Logs logs;
  Result<FollowedLog> followed = FollowedLog::open(files, kState, logs.trust);
  if (!followed) {
    return files.faulted().empty() ? "the monitor does not start: " + followed.error().message : "";
  }
  for (int step = 0; step < 3; ++step) {
    logs.one.shown = std::min(kSize, seen(promises) + 3);
    const Look look = followed->look(logs.one.get());
    if (look.found == Look::Found::kFirst || look.found == Look::Found::kGrew ||
        look.found == Look::Found::kSame) {
      promises.agents[kSeen] = std::to_string(look.head.size);
    }
  }
  const Look fork = followed->look(logs.two.get());
  if (!fork.evidence.empty()) {
    promises.agents[kEvidence] = fork.evidence;
  }
  return "";
}

std::string MonitorWorld::check(FaultFiles& files, Promises promises, std::uint64_t, bool) const {
  Logs logs;
  Result<FollowedLog> followed = FollowedLog::open(files, kState, logs.trust);
  if (!followed) {
    return "the monitor does not start: " + followed.error().message;
  }
  const auto evidence = promises.agents.find(kEvidence);
  if (evidence != promises.agents.end()) {
    return check_evidence(files, evidence->second, logs);
  }
  const Look look = followed->look(logs.two.get());
  return seen(promises) <= kFork || look.found == Look::Found::kForked
             ? ""
             : "the monitor forgot that it saw size " + std::to_string(seen(promises)) + ": " +
                   std::string(ledger::found_name(look.found));
}

}  // namespace pawl::powercut
