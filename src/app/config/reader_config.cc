#include "app/config/reader_config.h"

#include <map>

#include "infrastructure/identity/authenticator.h"

namespace pawl {

void read_readers(YamlMap& root, const Values& values, Config& config) {
  root.each("readers", [&](const std::string& id, YamlMap reader) {
    if (!is_agent_id(id)) {
      reader.bad("key", "a reader's id is 1 to 128 of A-Z a-z 0-9 . _ -");
    }
    ReaderConfig out{id, values.secret(reader, "key")};
    if (out.key.empty()) {
      reader.bad("key", "expected the reader's key: file:PATH, or ${VARIABLE}");
    }
    reader.finish();
    config.readers.push_back(std::move(out));
  });
}

Status check_readers(const Config& config) {
  std::map<std::string, std::string> owners;
  for (const AgentConfig& agent : config.agents) {
    owners.emplace(agent.key, "agent " + agent.id);
  }
  for (const ReaderConfig& reader : config.readers) {
    const std::string member = "readers." + reader.id + ".key";
    if (const Result<Digest> usable = identity::key_digest(reader.key); !usable) {
      return wrong_in(config, member, usable.error());
    }
    const auto [owner, is_new] = owners.emplace(reader.key, "reader " + reader.id);
    if (!is_new) {
      return wrong_in(config, member,
                      {Code::kConflict, "is the key of " + owner->second + ", too"});
    }
  }
  return {};
}

}  // namespace pawl
