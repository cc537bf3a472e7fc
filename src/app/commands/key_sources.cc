#include "app/commands/key_sources.h"

#include "app/config/key_config.h"

namespace pawl {

Result<KeySources> key_sources(const Context& context) {
  const std::string path = config_path(context);
  return path.empty() ? KeySources{} : load_keys(context.files, path, context.environment);
}

Result<Keystore> signing_keystore(const Context& context, const DataFolder& folder) {
  const Result<KeySources> sources = key_sources(context);
  return sources ? Keystore::open(context.files, folder.keys(), *sources)
                 : Result<Keystore>(fail(sources.error()));
}

}  // namespace pawl
