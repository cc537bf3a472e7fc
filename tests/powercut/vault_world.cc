#include "tests/powercut/vault_world.h"

#include <algorithm>
#include <sstream>

#include "app/commands/command.h"
#include "foundation/vault/people.h"
#include "foundation/vault/vault_store.h"
#include "tests/powercut/command_world.h"
#include "tests/support/seeded_random.h"

namespace pawl::powercut {
namespace {

// Of Promises::agents: what somebody was told.
constexpr const char* kStored = "stored";  // the newest value of "a"
constexpr const char* kTried = "tried";    // values since then, each with a blank behind it
constexpr const char* kErased = "erased";  // how far "b" came: put, ordered, destroyed
constexpr const char* kBodies = "bodies";  // names of bodies, each with a blank behind it
constexpr const char* kMade = "made";      // ids of the month's keys, each with a blank behind it
constexpr const char* kMonth = "body/2026-03";
constexpr const char* kPeople = "people";  // name and pseudonym, each with a blank behind it
constexpr const char* kData = "srv/data";
const std::string kRecord = "0195a000-0000-7000-8000-000000000001";
constexpr WallTime kNow{1'772'874'000'000'000};

vault::Vault vault_of(FaultFiles& files) {
  return {files, kData};
}

Ran put(FaultFiles& files, std::uint64_t life, const std::string& name, const std::string& value) {
  return run_pawl(files, life, {"vault", "put", name, "--data", kData}, value + "\n");
}

// A body that holds its own name.
std::string keep_body(FaultFiles& files, Promises& promises, std::uint64_t life) {
  SeededRandom random(life + 500);
  const std::string name = "body/" + std::to_string(life);
  vault::Vault vault = vault_of(files);
  const Result<vault::KeyFile> key = vault.shared_key(kMonth, kNow, random);
  promises.agents[kMade] += key ? key->id + " " : "";
  Status kept = key ? vault.keep(*key, name, name, kNow, random) : Status(fail(key.error()));
  if (kept) {
    kept = vault.sync_kept({name});
  }
  promises.agents[kBodies] += kept ? name + " " : "";
  return kept || !files.faulted().empty() ? "" : kept.error().message;
}

std::string lost_bodies(FaultFiles& files, const std::string& names) {
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    const Result<std::string> got = vault_of(files).get_kept(name, kMonth, kNow);
    if (got.value_or("") != name) {
      return "a kept body is not there: " + (got ? name : got.error().message);
    }
  }
  return "";
}

// A key that somebody was given is there, and so is the note that it was made.
std::string lost_keys(FaultFiles& files, const std::string& ids) {
  const Result<std::vector<vault::Vault::Item>> shared = vault_of(files).shared_keys();
  if (!shared) {
    return shared.error().message;
  }
  std::istringstream words(ids);
  for (std::string id; words >> id;) {
    if (std::none_of(shared->begin(), shared->end(), [&](const vault::Vault::Item& item) {
          return item.key_id == id && item.state == vault::Vault::Item::State::kGood;
        })) {
      return "a key of the month, or the note of it, is not there: " + id;
    }
  }
  return "";
}

std::string name_person(FaultFiles& files, Promises& promises, std::uint64_t life) {
  SeededRandom random(life + 700);
  vault::People people(files, kData);
  const std::string name = "person-" + std::to_string(life);
  const Status loaded = people.load();
  const Result<std::string> made =
      loaded ? people.pseudonym(name, kNow, random) : fail(loaded.error());
  promises.agents[kPeople] += made ? name + " " + *made + " " : "";
  return made || !files.faulted().empty() ? "" : made.error().message;
}

std::string lost_people(FaultFiles& files, const std::string& promised) {
  vault::People people(files, kData);
  if (const Status loaded = people.load(); !loaded) {
    return loaded.error().message;
  }
  std::istringstream words(promised);
  for (std::string name, pseudonym; words >> name >> pseudonym;) {
    if (people.name_of(pseudonym) != name) {
      return "nobody knows whose pseudonym it is: " + name;
    }
  }
  return "";
}

// Of secrets.
std::size_t keys(FaultFiles& files) {
  const Result<std::vector<std::string>> names = files.list(std::string(kData) + "/vault-keys");
  return !names ? 0
                : static_cast<std::size_t>(
                      std::count_if(names->begin(), names->end(), [&](const std::string& name) {
                        const std::string path = std::string(kData) + "/vault-keys/" + name;
                        const Result<std::string> text = read_file(files, path);
                        return !text || text->find("\nsecret/") != text->npos;
                      }));
}

std::string said(FaultFiles& files, const std::string& name) {
  const Result<std::string> got = vault_of(files).get("secret/" + name);
  return got ? *got : got.error().message;
}

// One step further with "b".
std::string erase(FaultFiles& files, Promises& promises, std::uint64_t life) {
  std::string& state = promises.agents[kErased];
  vault::Vault vault = vault_of(files);
  if (state.empty() && put(files, life + 1000, "b", "value").exit_code == kExitGood) {
    state = "put";
  }
  if (state == "put" && vault.order_erasure("secret/b", kNow)) {
    state = "ordered";
  }
  const Result<std::vector<vault::Erasure>> pending = vault.pending();
  if (state == "ordered" && pending && !pending->empty() && vault.destroy(*pending, kRecord)) {
    state = "destroyed";
  }
  // None is pending where the life before ended it, and was stopped before it was told.
  const bool is_over = state == "destroyed" || (pending && pending->empty());
  return files.faulted().empty() && !is_over ? "the erasure does not end" : "";
}

}  // namespace

std::unique_ptr<FaultFiles> VaultWorld::begin(Promises&) const {
  auto files = std::make_unique<FaultFiles>();
  files->put("srv/.keep", "");
  return files;
}

std::string VaultWorld::live(FaultFiles& files, Promises& promises, std::uint64_t life,
                             bool) const {
  for (const std::string part : {"-1", "-2"}) {
    const std::string value = "value-" + std::to_string(life) + part;
    promises.agents[kTried] += value + " ";
    const Ran ran = put(files, life * 10 + static_cast<std::uint64_t>(part[1] - '0'), "a", value);
    if (ran.exit_code == kExitGood) {
      promises.agents[kStored] = value;
      promises.agents[kTried].clear();
    } else if (files.faulted().empty()) {
      return told("vault put", ran);
    }
  }
  std::string wrong = keep_body(files, promises, life);
  wrong = wrong.empty() ? name_person(files, promises, life) : wrong;
  return wrong.empty() ? erase(files, promises, life) : wrong;
}

std::string VaultWorld::check(FaultFiles& files, Promises promises, std::uint64_t life,
                              bool) const {
  const std::string stored = promises.agents[kStored];
  const std::string found = said(files, "a");
  const bool is_tried = promises.agents[kTried].find(found + " ") != std::string::npos;
  if (!stored.empty() && found != stored && !is_tried) {
    return "the secret that was stored is not there: " + found;
  }
  if (std::string lost = lost_bodies(files, promises.agents[kBodies]); !lost.empty()) {
    return lost;
  }
  if (std::string lost = lost_keys(files, promises.agents[kMade]); !lost.empty()) {
    return lost;
  }
  if (std::string lost = lost_people(files, promises.agents[kPeople]); !lost.empty()) {
    return lost;
  }
  const std::string erased = promises.agents[kErased];
  const std::string b = said(files, "b");
  if (erased == "put" && b != "value" && b.find("is being erased") == std::string::npos) {
    return "the other secret is not there: " + b;
  }
  if ((erased == "ordered" || erased == "destroyed") && b.find("erased, ordered") == b.npos) {
    return "what is to be erased is used: " + b;
  }
  vault::Vault vault = vault_of(files);
  const Result<std::vector<vault::Erasure>> pending = vault.pending();
  if (!pending || (erased == "destroyed" && !pending->empty())) {
    return "a destroyed key is there: " + (pending ? b : pending.error().message);
  }
  if (const Status done = vault.destroy(*pending, kRecord); !done) {
    return "an erasure cannot be ended: " + done.error().message;
  }
  const Ran again = put(files, life * 10 + 9, "a", "again");
  if (again.exit_code != kExitGood || said(files, "a") != "again") {
    return told("vault put, again", again) + said(files, "a");
  }
  const bool has_b = said(files, "b") == "value";
  return keys(files) == (has_b ? 2u : 1u) || erased.empty()
             ? ""
             : std::to_string(keys(files)) + " keys are left";
}

}  // namespace pawl::powercut
