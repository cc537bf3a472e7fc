#include "app/config/key_config.h"

namespace pawl {
namespace {

constexpr const char* kCredentialsVariable = "CREDENTIALS_DIRECTORY";  // set by systemd

// A signer's socket is a path as any other: it begins at the folder of the file.
KeySource source_at(YamlMap& keys, const std::string& name, const Values& values) {
  Result<KeySource> source = KeySource::parse(keys.text(name));
  if (!source) {
    keys.bad(name, source.error().message);
    return {};
  }
  if (source->kind == KeySource::Kind::kSigner) {
    source->name = values.path(source->name);
  }
  return *std::move(source);
}

}  // namespace

KeySources read_keys(YamlMap& root, const Values& values, const Environment& environment) {
  std::optional<YamlMap> keys = root.map("keys");
  KeySources out;
  if (!keys) {
    return out;
  }
  out.instance = source_at(*keys, "instance", values);
  out.log = source_at(*keys, "log", values);
  if (keys->has("next")) {
    out.next = source_at(*keys, "next", values);
  }
  out.credentials = environment(kCredentialsVariable).value_or("");
  if (out.credentials == kUnsetSecret) {
    out.credentials.clear();
  }
  keys->finish();
  return out;
}

}  // namespace pawl
