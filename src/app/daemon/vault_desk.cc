#include "app/daemon/vault_desk.h"

#include <map>
#include <utility>

#include "app/config/vault_secrets.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

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

void VaultDesk::begin() {
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
  const Result<std::vector<vault::Vault::Item>> items = vault_.look();
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
    }
  }
}

json::Value VaultDesk::status() const {
  json::Object out{{"objects", objects_}};
  out["unusable"] = unusable_;
  return out;
}

void VaultDesk::erase(const std::string& name, Done done) {
  const auto used = parts_.config.vault_names.find(name);
  if (used != parts_.config.vault_names.end()) {
    done(fail(Code::kConflict, "vault: " + name + " is in use by " + used->second + " (" +
                                   place_in(parts_.config, used->second) +
                                   "), and this process holds it in memory; take it out there, "
                                   "restart, then erase it"));
    return;
  }
  Result<std::vector<vault::Erasure>> ordered =
      vault_.order_erasure(secret_object(name), parts_.clock.wall());
  if (ordered) {
    record(*std::move(ordered), std::move(done));
  } else {
    done(fail(ordered.error()));
  }
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
