#include "app/commands/key_sources.h"

#include "app/config/key_config.h"

namespace pawl {

Result<KeySources> key_sources(const Context& context) {
  // Read once more, and by the same rules for where it is.
  const Result<Config> config = configuration_without_secrets(context);
  if (!config) {
    return fail(config.error());
  }
  return config->file.empty() ? KeySources{}
                              : load_keys(context.files, config->file, context.environment);
}

Result<Keystore> signing_keystore(const Context& context, const DataFolder& folder) {
  const Result<KeySources> sources = key_sources(context);
  return sources ? Keystore::open(context.files, folder.keys(), *sources)
                 : Result<Keystore>(fail(sources.error()));
}

}  // namespace pawl
