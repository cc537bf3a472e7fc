#include "app/config/key_config.h"

namespace pawl {
namespace {

constexpr const char* kCredentialsVariable = "CREDENTIALS_DIRECTORY";  // set by systemd

KeySource source_at(YamlMap& keys, const std::string& name) {
  Result<KeySource> source = KeySource::parse(keys.text(name));
  if (!source) {
    keys.bad(name, source.error().message);
    return {};
  }
  return *std::move(source);
}

}  // namespace

KeySources read_keys(YamlMap& root, const Environment& environment) {
  std::optional<YamlMap> keys = root.map("keys");
  KeySources out;
  if (!keys) {
    return out;
  }
  out.instance = source_at(*keys, "instance");
  out.log = source_at(*keys, "log");
  if (keys->has("next")) {
    out.next = source_at(*keys, "next");
  }
  out.credentials = environment(kCredentialsVariable).value_or("");
  if (out.credentials == kUnsetSecret) {
    out.credentials.clear();
  }
  keys->finish();
  return out;
}

}  // namespace pawl
