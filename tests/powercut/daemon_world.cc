#include "tests/powercut/daemon_world.h"

#include <algorithm>

#include "app/commands/verify_chain.h"
#include "base/assert.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/segment.h"
#include "foundation/ledger/verify.h"
#include "tests/powercut/remembered_keys.h"

namespace pawl::powercut {
namespace {

constexpr const char* kOrigin = "example.org/pawl/gw1";
constexpr std::uint64_t kImageLife = 0;  // its time is before that of all others
constexpr std::uint64_t kImageEntries = 250;
constexpr std::size_t kRoomLeft = 8 * 1024;  // of the image's segment

ledger::Trust trust_of(Governance& governance) {
  const Keystore& keys = governance.keys();
  std::string jwks = keys.instance_key().public_key().to_jwk();  // kids are thumbprints
  for (const auto& [kid, key] : keys.former_keys()) {
    jwks += "," + key.to_jwk();
  }
  ledger::Trust trust;
  trust.log_vkey = ledger::NoteSigner::make(kOrigin, keys.log_key())->vkey();
  trust.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + jwks + "]}");
  return trust;
}

std::string check_stops(const Promises& promises, const ChainView& chain, const Life& life) {
  const bool damage = life.stopped_by_damage();
  if (damage && !promises.may_start_stopped) {
    return "the override journal is damaged, and nobody was writing to it";
  }
  for (const auto& [id, stop] : promises.stops) {
    const bool in_force = life.stops().find(id) != nullptr;
    if (stop.acknowledged && !stop.resume_asked && !in_force && !damage) {
      return "the acknowledged stop " + id.text() + " is forgotten";
    }
    if (stop.acknowledged && !damage && !stop.resume_asked && !chain.stops_applied.contains(id)) {
      return "the acknowledged stop " + id.text() + " has no record";
    }
    if (stop.resume_acknowledged && in_force) {
      return "the lifted stop " + id.text() + " is in force again";
    }
  }
  for (const override_::Stop& stop : life.stops().all()) {
    if (!promises.stops.contains(stop.id) && !override_::OverrideJournal::is_damage(stop)) {
      return "a stop that nobody asked for: " + stop.id.text();
    }
  }
  return "";
}

std::string check_revocations(const Promises& promises, const ChainView& chain, const Life& life) {
  const bool damage = life.stopped_by_damage();
  for (const auto& [id, revocation] : promises.revocations) {
    const bool in_force = life.revoked().find(id) != nullptr;
    if (revocation.acknowledged && !revocation.resume_asked && !damage &&
        !(in_force && chain.revoked.contains(id))) {
      return "the acknowledged revocation " + id.text() +
             (in_force ? " has no record" : " is forgotten");
    }
    if (revocation.resume_acknowledged && in_force) {
      return "the lifted revocation " + id.text() + " is in force again";
    }
  }
  for (const override_::Revocation& revocation : life.revoked().all()) {
    if (!promises.revocations.contains(revocation.id)) {
      return "a revocation that nobody asked for: " + revocation.id.text();
    }
  }
  return "";
}

std::string check_keys(const Promises& promises, Governance& governance) {
  const Keystore& keys = governance.keys();
  if (!promises.instance_kid.empty() && !promises.rotating &&
      keys.instance_kid() != promises.instance_kid) {
    return "the instance has another key";
  }
  for (const std::string& kid : promises.former_kids) {
    if (!keys.former_keys().contains(kid)) {
      return "the former key " + kid + " is forgotten";
    }
  }
  const auto& valid = governance.decisions().keys.all();
  if (std::count_if(valid.begin(), valid.end(), [](const auto& key) { return key.may_sign(); }) !=
      1) {
    return "not one key may sign after a start";
  }
  for (const auto& [agent, key] : promises.agents) {
    const auto found = governance.keys().agents().find(agent);
    if (found == governance.keys().agents().end() ||
        std::find(found->second.begin(), found->second.end(), sha256(key)) == found->second.end()) {
      return "the enrolled agent " + agent + " is forgotten";
    }
  }
  return "";
}

std::string verify_all(Files& files, const ChainView& chain, const ledger::Trust& first) {
  const std::string origin = ledger::log_origin(kOrigin, chain.logs.rbegin()->first);
  const ledger::Trust trust = trust_for(first, origin);
  const ledger::Report report = ledger::verify_folder(files, kData, trust);
  if (report.verdict != ledger::Verdict::kGood) {
    return "verify: " + report.reason;
  }
  for (const FrozenLog& frozen : verify_chain(files, kData, origin, trust, report)) {
    if (frozen.report.verdict != ledger::Verdict::kGood) {
      return "verify, log " + std::to_string(frozen.number) + ": " + frozen.report.reason;
    }
  }
  return "";
}

}  // namespace

const Image& grown_image() {
  static const Image image = [] {
    const KeySequence own("grown image");
    Image made;
    made.files = std::make_unique<FaultFiles>();
    made.files->put("srv/.keep", "");
    Life::put_rules(*made.files, 1);
    std::unique_ptr<Life> life =
        std::make_unique<Life>(*made.files, made.promises, Life::Options{kImageLife});
    const Status started = life->start();
    PAWL_CHECK(started.has_value(), "the image starts");
    life->step(Step::kEnrolOperator);
    while (life->governance().ledger().size() < kImageEntries - 1) {
      life->step(Step::kCallReadOnly);
    }
    life->step(Step::kFinish);
    made.entries = life->governance().ledger().size();
    made.segment_bytes =
        life->governance().ledger().stats().bytes + ledger::kSegmentHeader + kRoomLeft;
    life.reset();
    made.promises.effects.clear();  // check_log() looks at later calls; of these the records count
    made.promises.asked.clear();
    return made;
  }();
  return image;
}

std::string check_daemon(FaultFiles& files, const Promises& promises, Life::Options options,
                         std::uint64_t known_entries, bool thorough) {
  if (std::string bad = check_head_file(promises, files.contents(kHeadFile)); !bad.empty()) {
    return bad;
  }
  Promises later = promises;
  Life life(files, later, options);
  if (const Status started = life.start(); !started) {
    return "it does not start: " + started.error().message;
  }
  const Result<ChainView> chain = view_logs(files, kData, known_entries);
  if (!chain) {
    return "the log cannot be read: " + chain.error().message;
  }
  if (std::string bad = check_logs(promises, *chain); !bad.empty()) {
    return bad;
  }
  if (std::string bad = check_stops(promises, *chain, life); !bad.empty()) {
    return bad;
  }
  if (std::string bad = check_revocations(promises, *chain, life); !bad.empty()) {
    return bad;
  }
  if (std::string bad = check_keys(promises, life.governance()); !bad.empty()) {
    return bad;
  }
  if (thorough || known_entries == 0) {
    if (std::string bad = verify_all(files, *chain, trust_of(life.governance())); !bad.empty()) {
      return bad;
    }
  }
  if (!life.governance().ledger().closed_because().empty()) {
    life.step(Step::kScrub);  // a failing read was taken for damage: the next pass reads it
  }
  if (!life.stopped_by_damage() && !life.call_passes()) {
    return "it does not go on: " + life.governance().ledger().closed_because();
  }
  life.step(Step::kFinish);
  return life.broken();
}

Life::Options DaemonWorld::options(std::uint64_t life) const {
  return {life, script_.grown ? grown_image().segment_bytes : 128u << 10, script_.full_disk,
          script_.renews};
}

std::unique_ptr<FaultFiles> DaemonWorld::begin(Promises& promises) const {
  if (!script_.grown) {
    auto files = std::make_unique<FaultFiles>();
    files->put("srv/.keep", "");
    Life::put_rules(*files, 1);
    if (script_.renews) {
      files->put("srv/head/.keep", "");
    }
    return files;
  }
  promises = grown_image().promises;
  std::unique_ptr<FaultFiles> files = grown_image().files->kill();
  if (!script_.written_ahead) {
    const std::string path = ledger::segment_path(kData + "/ledger", 1);
    const std::string bytes = *files->contents(path);
    files->put(path, bytes.substr(0, bytes.find_last_not_of('\0') + 1024));
  }
  return files;
}

std::string DaemonWorld::live(FaultFiles& files, Promises& promises, std::uint64_t number,
                              bool finish) const {
  Life life(files, promises, options(number));
  if (const Status started = life.start(); !started) {
    return files.faulted().empty() ? "it does not start: " + started.error().message : "";
  }
  static const std::vector<Step> kLater = {Step::kCall, Step::kStop, Step::kCallLeftOpen,
                                           Step::kReceipt};
  life.run(number == 1 ? script_.steps : kLater);
  if (!finish) {
    return life.broken();
  }
  if (script_.full_disk) {
    life.run({Step::kRoomAgain});
  }
  life.run({Step::kFinish});
  return life.broken();
}

std::string DaemonWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                               bool thorough) const {
  return check_daemon(files, promises, options(life), script_.grown ? grown_image().entries : 0,
                      thorough);
}

DaemonWorld::Script random_script(std::uint64_t seed) {
  SeededRandom random(seed);
  DaemonWorld::Script script;
  script.grown = random.below(3) > 0;
  script.written_ahead = random.coin();
  script.steps = {Step::kEnrolOperator};
  const std::uint64_t count = 4 + random.below(12);
  for (std::uint64_t i = 0; i < count; ++i) {
    script.steps.push_back(
        static_cast<Step>(random.below(static_cast<std::uint64_t>(Step::kRoomAgain))));
  }
  return script;
}

}  // namespace pawl::powercut
