#include "tests/powercut/witness_world.h"

#include "app/commands/command.h"
#include "foundation/witness/witness_desk.h"
#include "tests/foundation/witness/signed_log.h"
#include "tests/powercut/command_world.h"

namespace pawl::powercut {
namespace {

constexpr const char* kState = "srv/witness";
constexpr const char* kOrigin = "example.org/log";
constexpr const char* kVkey = "vkey";      // in Promises::agents: somebody was told of it
constexpr const char* kCosigned = "size";  // and of this head
constexpr std::int64_t kNow = 1'772'874'000;
const std::vector<std::string> kInit = {"witness", "init", "--name", "example.org/witness",
                                        "--state", kState, "--json"};

witness::SignedLog& log_of_forty() {
  static witness::SignedLog log = [] {
    witness::SignedLog made(
        kOrigin, *SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                                       "MC4CAQAwBQYDK2VwBCIEIA6tWEBFQWYVUwFuRYTro//sAWL9OXx/"
                                       "1YtS8PboBl9L\n"
                                       "-----END PRIVATE KEY-----\n"));
    made.grow(40);
    return made;
  }();
  return log;
}

int ask(witness::WitnessDesk& desk, std::uint64_t old_size, std::uint64_t size) {
  return desk.add_checkpoint(log_of_forty().add_checkpoint(old_size, size), kNow).decision.status;
}

Result<witness::WitnessDesk> open_desk(FaultFiles& files) {
  return witness::WitnessDesk::open(files, kState, {log_of_forty().key()});
}

std::uint64_t cosigned(const Promises& promises) {
  const auto found = promises.agents.find(kCosigned);
  return found == promises.agents.end() ? 0 : std::stoull(found->second);
}

}  // namespace

std::unique_ptr<FaultFiles> WitnessWorld::begin(Promises&) const {
  auto files = std::make_unique<FaultFiles>();
  files->put("srv/.keep", "");
  return files;
}

std::string WitnessWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life,
                               bool) const {
  const Ran ran = run_pawl(files, life, kInit);
  if (ran.exit_code == kExitGood) {
    promises.agents[kVkey] = files.contents(std::string(kState) + "/witness.vkey").value_or("");
  }
  Result<witness::WitnessDesk> desk = open_desk(files);
  if (!desk) {
    return files.faulted().empty() ? "the witness does not start: " + desk.error().message : "";
  }
  std::uint64_t size = desk->state().held(kOrigin).size;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t next = std::min<std::uint64_t>(40, size + 3);
    if (ask(*desk, size, next) == 200) {
      size = next;
      promises.agents[kCosigned] = std::to_string(size);
    } else if (files.faulted().empty()) {
      return "the next head is not cosigned";
    }
  }
  return "";
}

std::string WitnessWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                                bool) const {
  if (!promises.agents.contains(kVkey)) {
    run_pawl(files, life, kInit);  // nobody was told: it is made now, or was made
  }
  Result<witness::WitnessDesk> desk = open_desk(files);
  if (!desk) {
    return "the witness does not start: " + desk.error().message;
  }
  const auto vkey = promises.agents.find(kVkey);
  if (vkey != promises.agents.end() && vkey->second != desk->state().cosigner().vkey() + "\n") {
    return "the witness has another key";
  }
  const witness::Held held = desk->state().held(kOrigin);
  if (held.size < cosigned(promises)) {
    return "the witness forgot that it cosigned size " + std::to_string(cosigned(promises));
  }
  if (held.root != log_of_forty().root(held.size)) {
    return "the witness holds another history";
  }
  return ask(*desk, held.size, 40) == 200 ? "" : "the witness does not go on";
}

}  // namespace pawl::powercut
