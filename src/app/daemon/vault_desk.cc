#include "app/daemon/vault_desk.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/config/vault_secrets.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/recorded_erasures.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::int64_t kLookEvery_us = 5'000'000;
constexpr std::int64_t kOfAllTime = 200;  // a look takes at most one part of so many

json::Array ids_of(const std::vector<vault::Erasure>& erasures) {
  json::Array out;
  for (const vault::Erasure& erasure : erasures) {
    out.emplace_back(erasure.key_id);
  }
  return out;
}

void log_unfinished(const std::string& reason) {
  log(LogLevel::kError, "erasure_not_finished", {{"reason", reason}});
}

}  // namespace

VaultDesk::VaultDesk(Parts parts)
    : parts_(parts),
      vault_(parts.files, parts.config.data),
      people_(parts.files, parts.clock, parts.random, parts.config.data),
      salts_(parts.files, parts.random, parts.config.data) {
  parts.recorder.salt_digests_with(&salts_, parts.config.salted_digests);
  const LimitsConfig& limits = parts.config.limits;
  if (limits.kept_bodies_mib > 0) {
    bodies_ = std::make_unique<BodyKeeper>(
        parts.files, parts.random, parts.config.data,
        BodyLimits{static_cast<std::uint64_t>(limits.kept_body_kib) << 10,
                   static_cast<std::uint64_t>(limits.kept_bodies_mib) << 20,
                   static_cast<std::uint64_t>(limits.reserve_mib) << 21});
    parts.recorder.keep_bodies_in(bodies_.get());
  }
}

VaultDesk::~VaultDesk() {
  parts_.recorder.salt_digests_with(nullptr, false);
  parts_.recorder.keep_bodies_in(nullptr);
  parts_.gateway.name_people_by(nullptr);
}

Status VaultDesk::begin() {
  if (const Status tidied = vault_.tidy(); !tidied) {
    log(LogLevel::kError, "vault_not_readable", {{"reason", tidied.error().message}});
  }
  if (Status held = hold_to_ledger(); !held) {
    return held;
  }
  if (parts_.config.salted_digests) {
    if (const Result<std::string> key = salts_.key_for(parts_.recorder.now()); !key) {
      return fail_at("salted_digests", key.error());
    }
  }
  Status loaded = people_.load();
  if (loaded && parts_.config.pseudonyms) {
    parts_.gateway.name_people_by(&people_);
  }
  go_on_erasing();
  look();
  look_at_keys();
  return loaded;
}

void VaultDesk::tick() {
  if (parts_.clock.boot() >= look_again_) {
    look_at_keys();
  }
}

// Listing many people takes its time, which calls wait for: then it is looked at less often.
void VaultDesk::look_at_keys() {
  const BootTime began = parts_.clock.boot();
  lost_.clear();
  look_at_months();
  look_at_objects();
  const std::int64_t took_us = parts_.clock.boot().us - began.us;
  look_again_ = BootTime{began.us + std::max(kLookEvery_us, took_us * kOfAllTime)};
}

void VaultDesk::tell_lost(const vault::Vault::Item& item) {
  log(LogLevel::kError, "vault_object_unusable", {{"object", item.name}, {"reason", item.problem}});
}

// Nobody can make salts of a lost key again, or open what was kept with it: from here on another.
void VaultDesk::look_at_months() {
  const Result<std::vector<vault::Vault::Item>> keys = vault_.shared_keys();
  if (!keys) {
    return;  // whoever needs one says so
  }
  for (const vault::Vault::Item& key : *keys) {
    if (key.state != vault::Vault::Item::State::kBad) {
      told_.erase(key.key_id);
      continue;
    }
    lost_.emplace_back(json::Object{{"object", key.name}, {"reason", key.problem}});
    if (told_.insert(key.key_id).second) {
      tell_lost(key);
      forget_keys();
    }
  }
}

// Secrets and people are in memory, and go on; after the next start they would be gone.
void VaultDesk::look_at_objects() {
  const Result<std::vector<vault::Vault::Item>> lost =
      vault_.lost_keys({vault::kSecretArea, vault::kPersonArea}, known_keys_);
  if (!lost) {
    return;
  }
  for (const vault::Vault::Item& item : *lost) {
    if (unusable_names_.contains(item.name)) {
      continue;
    }
    lost_.emplace_back(json::Object{{"object", item.name}, {"reason", item.problem}});
    if (told_.insert(item.name).second) {
      tell_lost(item);
    }
  }
}

void VaultDesk::forget_keys() {
  salts_.forget_key();
  if (bodies_) {
    bodies_->forget_key();
  }
}

// An older copy of the vault that is put back brings along what was erased since: ordered again
// before anything opens with it, and ended as any other order.
Status VaultDesk::hold_to_ledger() {
  const Result<std::vector<vault::Erasure>> back =
      erased_but_there(parts_.files, DataFolder{parts_.config.data}, vault_);
  if (!back) {
    log(LogLevel::kError, "erasures_not_compared", {{"reason", back.error().message}});
    unusable_.emplace_back(
        json::Object{{"object", "vault"},
                     {"reason", "what was erased cannot be told: " + back.error().message}});
    return {};
  }
  if (Status ordered = back->empty() ? Status() : vault_.order_again(*back); !ordered) {
    return ordered;
  }
  for (const vault::Erasure& erasure : *back) {
    log(LogLevel::kError, "erased_key_came_back",
        {{"object", erasure.retention}, {"key", erasure.key_id}, {"record", erasure.record}});
    came_back_.emplace_back(json::Object{
        {"object", erasure.retention}, {"key", erasure.key_id}, {"record", erasure.record}});
  }
  for (const vault::Erasure& erasure : *back) {
    const auto used = parts_.config.vault_names.find(secret_name(erasure.retention));
    if (used != parts_.config.vault_names.end()) {
      return fail(Code::kConflict,
                  "vault: " + erasure.retention + " was erased, record " + erasure.record +
                      ", and came back with an older copy; it is erased again, and " +
                      used->second + " (" + place_in(parts_.config, used->second) +
                      ") needs another value: pawl vault put");
    }
  }
  return {};
}

void VaultDesk::go_on_erasing() {
  Result<std::vector<vault::Erasure>> pending = vault_.pending();
  if (!pending) {
    log_unfinished(pending.error().message);
    return;
  }
  std::map<std::string, std::vector<vault::Erasure>> orders;
  for (vault::Erasure& erasure : *pending) {
    orders[erasure.retention].push_back(std::move(erasure));
  }
  for (auto& [retention, erasures] : orders) {
    record(std::move(erasures), [](const Result<json::Object>&) {});
  }
}

void VaultDesk::look() {
  const Result<std::vector<vault::Vault::Item>> items = vault_.look({vault::kSecretArea});
  if (!items) {
    log(LogLevel::kError, "vault_not_readable", {{"reason", items.error().message}});
    return;
  }
  objects_ = items->size();
  for (const vault::Vault::Item& item : *items) {
    if (item.state == vault::Vault::Item::State::kBad) {
      log(LogLevel::kError, "vault_object_unusable",
          {{"object", item.name}, {"reason", item.problem}});
      unusable_.emplace_back(json::Object{{"object", item.name}, {"reason", item.problem}});
      unusable_names_.insert(item.name);
    }
  }
}

json::Value VaultDesk::status() const {
  json::Object out{{"objects", objects_}};
  json::Array unusable = unusable_;
  unusable.insert(unusable.end(), lost_.begin(), lost_.end());
  out["unusable"] = std::move(unusable);
  out["came_back"] = came_back_;
  out["people"] = people_.size();
  if (bodies_) {
    out["bodies"] = bodies_->status();
  }
  return out;
}

void VaultDesk::erase(const std::string& name, Done done) {
  const auto used = parts_.config.vault_names.find(secret_name(name));
  if (used != parts_.config.vault_names.end()) {
    done(fail(Code::kConflict, "vault: " + name + " is in use by " + used->second + " (" +
                                   place_in(parts_.config, used->second) +
                                   "), and this process holds it in memory; take it out there, "
                                   "restart, then erase it"));
    return;
  }
  Result<std::vector<vault::Erasure>> ordered =
      vault_.order_erasure(secret_object(name), parts_.clock.wall());
  forget_keys();
  if (ordered) {
    record(*std::move(ordered), std::move(done));
  } else {
    done(fail(ordered.error()));
  }
}

// Ordered first: whoever comes with that name from then on is somebody new.
void VaultDesk::erase_person(const std::string& name, Done done) {
  const std::string pseudonym = people_.people().known_pseudonym(name);
  if (pseudonym.empty()) {
    done(fail(Code::kNotFound, parts_.config.pseudonyms
                                   ? "no record has a pseudonym of that name, as far as the vault "
                                     "knows; expected it as the issuer states it"
                                   : "pseudonyms are off, and records have names; see pseudonyms "
                                     "in pawl.yaml"));
    return;
  }
  Result<std::vector<vault::Erasure>> ordered =
      vault_.order_erasure(vault::person_object(pseudonym), parts_.clock.wall());
  if (!ordered) {
    done(fail(ordered.error()));
    return;
  }
  people_.people().forget(name);
  record(*std::move(ordered), std::move(done));
}

// All of one retention.
void VaultDesk::record(std::vector<vault::Erasure> erasures, Done done) {
  RecordDraft draft;
  draft.id = parts_.recorder.new_id();
  draft.kind = kinds::kAuditErasure;
  const json::Object body{{"retention", erasures.front().retention}, {"keys", ids_of(erasures)}};
  draft.body.members(body);
  parts_.recorder.record(
      std::move(draft), [this, erasures = std::move(erasures),
                         done = std::move(done)](const Result<RecordRef>& record) {
        const Status destroyed =
            record ? vault_.destroy(erasures, record->id.text()) : Status(fail(record.error()));
        if (bodies_) {
          bodies_->count_again();
        }
        if (!destroyed) {
          log_unfinished(destroyed.error().message);
          done(fail(destroyed.error().code, destroyed.error().message +
                                                "; the erasure stands, and the next start, or "
                                                "the same command again, ends it"));
          return;
        }
        done(json::Object{{"name", secret_name(erasures.front().retention)},
                          {"keys", ids_of(erasures)},
                          {"record", record->id.text()}});
      });
}

}  // namespace pawl
