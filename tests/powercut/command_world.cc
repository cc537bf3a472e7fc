#include "tests/powercut/command_world.h"

#include <sstream>

#include "app/commands/init_command.h"
#include "app/commands/ledger_command.h"
#include "app/commands/trust_command.h"
#include "app/commands/vault_command.h"
#include "app/commands/witness_command.h"
#include "base/assert.h"
#include "foundation/keys/operator_key.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/verify.h"
#include "tests/powercut/daemon_world.h"

namespace pawl::powercut {
namespace {

// A command that met EIO at a segment has been told so; another that comes after it may be told by
// the kernel that all is durable when it is not (docs/LIMITATIONS.md, Disks).
constexpr const char* kSegmentFailed = "segment failed";
// The key in a folder of its own: no other sync of `pawl init` covers its name.
constexpr const char* kKeyFile = "home/operator.pem";
const std::vector<std::string> kInit = {"init", "--key-file", kKeyFile};
constexpr const char* kPin = "home/.config/pawl/trust/example.org%2fpawl%2fgw1.trust";

}  // namespace

Ran run_pawl(FaultFiles& files, std::uint64_t life, std::vector<std::string> arguments,
             const std::string& input, std::chrono::hours later) {
  SteppedClock clock;
  clock.step(later);
  SeededRandom random(0xc0de + life);
  std::istringstream in(input);
  std::ostringstream out, err;
  Context context{files,
                  clock,
                  random,
                  [](const std::string& name) {
                    return name == "HOME" ? std::optional<std::string>("home") : std::nullopt;
                  },
                  {in, out, err}};
  CLI::App root;
  add_common_options(root, context);
  add_init(root, context);
  add_ledger(root, context);
  add_trust(root, context);
  add_witness(root, context);
  add_vault(root, context);
  const int code = run_command(root, std::move(arguments), context);
  return {code, out.str(), err.str()};
}

std::string told(const std::string& what, const Ran& ran) {
  return what + " exits " + std::to_string(ran.exit_code) + ": " + ran.err;
}

std::unique_ptr<FaultFiles> InitWorld::begin(Promises&) const {
  auto files = std::make_unique<FaultFiles>();
  files->put("home/.keep", "");
  return files;
}

std::string InitWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life, bool) const {
  const Ran ran = run_pawl(files, life, kInit);
  if (ran.exit_code == kExitGood) {
    promises.agents["operator.pem"] = files.contents(kKeyFile).value_or("");
    promises.agents["pawl.yaml"] = files.contents("pawl.yaml").value_or("");
    promises.agents["rules.yaml"] = files.contents("rules.yaml").value_or("");
  } else if (files.faulted().empty()) {
    return told("init", ran);
  }
  return "";
}

std::string InitWorld::check(FaultFiles& files, Promises promises, std::uint64_t life, bool) const {
  for (const auto& [name, text] : promises.agents) {
    const std::string path = name == "operator.pem" ? kKeyFile : name;
    if (files.contents(path) != text) {
      return path + " is not what `pawl init` wrote";
    }
  }
  if (const Result<SigningKey> key = load_operator_key(files, kKeyFile); !promises.agents.empty()) {
    const Result<Keystore> before = Keystore::open(files, "./pawl-data/keys");
    if (!key || !before || before->find_operator(key->public_key().thumbprint()) == nullptr) {
      return "the operator that `pawl init` enrolled is not there";
    }
  }
  const Ran again = run_pawl(files, life, kInit);
  if (again.exit_code != kExitGood) {
    return told("init, again", again);
  }
  const Result<Keystore> keys = Keystore::open(files, "./pawl-data/keys");
  const Result<SigningKey> key = load_operator_key(files, kKeyFile);
  if (!keys || !key || keys->find_operator(key->public_key().thumbprint()) == nullptr) {
    return "the operator's key is not enrolled after init ran again";
  }
  return "";
}

// The last batch is written, and the daemon dies before its sync.
std::unique_ptr<FaultFiles> EvidenceWorld::begin(Promises& promises) const {
  promises = grown_image().promises;
  std::unique_ptr<FaultFiles> files = grown_image().files->kill();
  Life life(*files, promises, {500, 16u << 20});
  PAWL_CHECK(life.start().has_value(), "the daemon starts");
  life.step(Step::kReceipt);  // its publications are over
  std::uint64_t syncs = 0;
  files->set_hook([&](const FaultFiles::Call& call) {
    if (call.operation == FaultFiles::Operation::kSync && call.path.ends_with(".seg") &&
        ++syncs == 2) {
      files->cut_power_at(call.number);
    }
  });
  life.run({Step::kCall});
  files->set_hook(nullptr);
  return files->kill();
}

std::string EvidenceWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life,
                                bool) const {
  const std::vector<std::vector<std::string>> commands = {
      {"trust", "pin", "--data", kData},
      {"ledger", "export", "--data", kData, "bundle"},
      {"ledger", "prove", "--data", kData, "251", "-o", "proof"}};
  for (const std::vector<std::string>& command : commands) {
    if (command[1] == "export" && files.contents("bundle/checkpoint")) {
      continue;  // of the life before: whole, or check() finds it
    }
    const Ran ran = run_pawl(files, life, command);
    if (ran.exit_code == kExitGood) {
      promises.agents[command[1]] = "done";
    } else if (files.faulted().empty() && ran.err.find("no record with index") == ran.err.npos) {
      return told(command[1], ran);  // the unsynced record may be lost, if nobody was told of it
    }
    if (files.off()) {
      break;
    }
  }
  for (const std::string& path : files.faulted()) {
    if (path.ends_with(".seg")) {
      promises.agents[kSegmentFailed] = path;
    }
  }
  return "";
}

std::string EvidenceWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                                 bool thorough) const {
  const std::map<std::string, std::string> done = std::exchange(promises.agents, {});
  const Ran pin = run_pawl(files, life, {"trust", "pin", "--data", kData, "-o", "trust"});
  if (pin.exit_code != kExitGood) {
    return told("trust pin", pin);
  }
  const Result<ledger::Trust> trust = ledger::parse_trust(*files.contents("trust"));
  if (done.contains("pin") && !ledger::parse_trust(files.contents(kPin).value_or(""))) {
    return "the pin is not there";
  }
  const std::optional<std::string> head = files.contents("bundle/checkpoint");
  if (done.contains("export") && !head) {
    return "the exported bundle is not there";
  }
  if (done.contains("export") &&
      !ledger::parse_trust(files.contents("bundle/pawl.trust").value_or(""))) {
    return "the keys beside the exported bundle are not there";
  }
  if (done.contains("export") && files.contents("bundle/log.vkey") !=
                                     grown_image().files->contents(kData + "/ledger/log.vkey")) {
    return "the log's key beside the exported bundle is not there";
  }
  if (head) {
    const ledger::Report report = ledger::verify_folder(files, "bundle", *trust);
    if (report.verdict != ledger::Verdict::kGood) {
      return "the exported bundle: " + report.reason;
    }
    if (!done.contains(kSegmentFailed)) {
      promises.heads.insert(*head);
    }
  }
  if (done.contains("prove")) {
    const std::string token = files.contents("proof.token").value_or("");
    const std::string proof = files.contents("proof.tlog-proof").value_or("");
    const ledger::Report report = ledger::verify_receipt(token, proof, *trust);
    if (report.verdict != ledger::Verdict::kGood) {
      return "the receipt: " + report.reason;
    }
    if (!done.contains(kSegmentFailed)) {
      promises.heads.insert(proof.substr(proof.find("example.org")));
    }
  }
  return check_daemon(files, promises, {life, 16u << 20}, grown_image().entries, thorough);
}

}  // namespace pawl::powercut
