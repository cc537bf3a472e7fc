#include "app/commands/shown_keys.h"

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {

std::string keys_text(const ledger::Report& report) {
  const std::vector<KeyValidity::Key>& keys = report.keys.all();
  if (keys.size() < 2) {
    return {};
  }
  std::string now;
  std::size_t compromised = 0;
  for (const KeyValidity::Key& key : keys) {
    compromised += key.compromised_since_s ? 1 : 0;
    if (key.may_sign()) {
      now += (now.empty() ? "; now " : ", ") + shown_text(key.kid) + " from entry " +
             std::to_string(key.from);
    }
  }
  return std::to_string(keys.size()) + now +
         (compromised > 0 ? "; " + std::to_string(compromised) + " compromised" : "");
}

std::string suspect_text(const ledger::SuspectEntries& suspect) {
  return (suspect.entries == 1
              ? "entry " + std::to_string(suspect.first)
              : counted(suspect.entries, "entry") + ", " + std::to_string(suspect.first) + " to " +
                    std::to_string(suspect.last)) +
         ", since " + shown_time(suspect.since_s);
}

json::Array keys_json(const ledger::Report& report) {
  json::Array out;
  for (const KeyValidity::Key& key : report.keys.all()) {
    json::Object one{{"kid", key.kid}, {"from", key.from}};
    if (key.until) {
      one["until"] = *key.until;
    }
    if (key.compromised_since_s) {
      one["compromised_since"] = *key.compromised_since_s;
    }
    out.push_back(std::move(one));
  }
  return out;
}

json::Value suspect_json(const ledger::SuspectEntries& suspect) {
  return suspect.entries == 0 ? json::Value(nullptr)
                              : json::Value(json::Object{{"entries", suspect.entries},
                                                         {"first", suspect.first},
                                                         {"last", suspect.last},
                                                         {"since", suspect.since_s}});
}

}  // namespace pawl
